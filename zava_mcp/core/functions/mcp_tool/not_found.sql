create or replace function mcp_tool.not_found(message text)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    raise no_data_found using message = message;
end
$$;

comment on function mcp_tool.not_found(text) is $comment$
Raise a NOT_FOUND: something that the caller could see does not exist.

@param message  What was not found.
@error NOT_FOUND Always.
$comment$;

alter function mcp_tool.not_found(text) owner to mcp_tools;
revoke all on function mcp_tool.not_found(text) from public;
grant execute on function mcp_tool.not_found(text) to mcp_tools;
