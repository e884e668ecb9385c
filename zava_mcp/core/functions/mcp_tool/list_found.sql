create or replace function mcp_tool.list_found(name text)
returns text
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    raise notice using errcode = 'MCP03', message = name;
    return name;
end
$$;

comment on function mcp_tool.list_found(text) is $comment$
Have tools/list name a tool that was found, for the rest of the client's session. The name is sent at once, as a NOTICE that
the server hears: it tells the client that the list has changed. A client without a session may call the tool all the same.

@param name  The name of a tool.
@returns The name.
$comment$;

alter function mcp_tool.list_found(text) owner to mcp_core;
revoke all on function mcp_tool.list_found(text) from public;
