create or replace function mcp_tool.conflict(message text, hint text default null)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    raise unique_violation using message = message, hint = coalesce(hint, '');
end
$$;

comment on function mcp_tool.conflict(text, text) is $comment$
Raise a CONFLICT: the request contradicts the current state.

@param message  What contradicts what.
@param hint     What to do.
@error CONFLICT Always.
$comment$;

alter function mcp_tool.conflict(text, text) owner to mcp_tools;
revoke all on function mcp_tool.conflict(text, text) from public;
grant execute on function mcp_tool.conflict(text, text) to mcp_tools;
