create or replace function mcp_tool.log(level text, data text)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_most constant integer := 10000;
    v_data text := left(data, c_most) || case when length(data) > c_most then ' ...' else '' end;
begin
    if level not in ('debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency') then
        perform mcp_tool.invalid('level', 'one of debug, info, notice, warning, error, critical, alert, emergency');
    end if;
    raise notice using
        errcode = 'MCP02',
        message = v_data,
        detail = jsonb_build_object('level', level, 'data', v_data);
end
$$;

comment on function mcp_tool.log(text, text) is $comment$
Send the client a log message while the call runs. Never put secrets or other people's data into it.

@param level  debug, info, notice, warning, error, critical, alert or emergency.
@param data   The message; the client gets 10000 characters of it.
@error VALIDATION_ERROR The level is none of these.
$comment$;

alter function mcp_tool.log(text, text) owner to mcp_tools;
revoke all on function mcp_tool.log(text, text) from public;
grant execute on function mcp_tool.log(text, text) to mcp_tools;
