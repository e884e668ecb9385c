create or replace function mcp_tool.take_query(query text, argument text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_setting('app.export', true) is distinct from 'asked' then
        return false;
    end if;
    perform
        set_config('app.export', 'taken', true),
        set_config('app.export_query', query, true),
        set_config('app.export_argument', argument, true);
    return true;
end
$$;

comment on function mcp_tool.take_query(text, text) is $comment$
Note the query of a tool whose whole result is exported; mcp_tool.run_query then reads nothing.

@param query     The query, which is one SELECT.
@param argument  The tool's argument that holds it.
@returns Whether it is exported.
$comment$;

alter function mcp_tool.take_query(text, text) owner to mcp_core;
revoke all on function mcp_tool.take_query(text, text) from public;
grant execute on function mcp_tool.take_query(text, text) to mcp_sandbox;
