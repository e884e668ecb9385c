create or replace function mcp_tool.progress(
    done double precision,
    total double precision default null,
    message text default null
)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_most constant integer := 1000;
    v_message text := left(message, c_most) || case when length(message) > c_most then ' ...' else '' end;
begin
    raise notice using
        errcode = 'MCP01',
        message = concat_ws(' ', coalesce(v_message, 'progress'), '(' || done || coalesce(' of ' || total, '') || ')'),
        detail = jsonb_build_object('progress', done, 'total', total, 'message', v_message);
end
$$;

comment on function mcp_tool.progress(double precision, double precision, text) is $comment$
Send the client the progress of a long call. It is sent at once, as a NOTICE that the server forwards.

@param done     How much is done; must grow from call to call.
@param total    How much there is; null unknown.
@param message  What is being done; the client gets 1000 characters of it.
$comment$;

alter function mcp_tool.progress(double precision, double precision, text) owner to mcp_tools;
revoke all on function mcp_tool.progress(double precision, double precision, text) from public;
grant execute on function mcp_tool.progress(double precision, double precision, text)
to mcp_tools;
