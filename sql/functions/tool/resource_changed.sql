create or replace function tool.resource_changed(uri text)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select pg_notify('mcp_resource', resource_changed.uri);
end;

comment on function tool.resource_changed(text) is $comment$
Tell the clients that subscribed to a resource, at the commit, that it has changed.

@param uri  Its address, less than 8000 bytes.
$comment$;

alter function tool.resource_changed(text) owner to zava_auth;
revoke all on function tool.resource_changed(text) from public;
grant execute on function tool.resource_changed(text) to zava_tools, zava_owner;
