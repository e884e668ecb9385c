create or replace function mcp_tool.not_allowed(hint text default '')
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    raise insufficient_privilege using message = 'not allowed', hint = hint;
end
$$;

comment on function mcp_tool.not_allowed(text) is $comment$
Raise an AUTHORIZATION_ERROR that does not reveal what exists.

@param hint  What the caller may do instead; the same whether or not the thing asked for exists.
@error AUTHORIZATION_ERROR Always.
$comment$;

alter function mcp_tool.not_allowed(text) owner to mcp_tools;
revoke all on function mcp_tool.not_allowed(text) from public;
grant execute on function mcp_tool.not_allowed(text) to mcp_tools;
