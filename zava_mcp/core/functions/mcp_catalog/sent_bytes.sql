create or replace function mcp_catalog.sent_bytes(result text)
returns bigint
language sql
stable
strict
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select octet_length(v.shown)::bigint + octet_length(to_json(v.shown)::text)
    from (select mcp_catalog.visible(sent_bytes.result) as shown) as v;
end;

comment on function mcp_catalog.sent_bytes(text) is $comment$
Return the bytes that rows or values take on the way to a client: once as structuredContent, and once as text in JSON.

@param result  JSON text.
@returns Bytes.
$comment$;

alter function mcp_catalog.sent_bytes(text) owner to mcp_core;
revoke all on function mcp_catalog.sent_bytes(text) from public;
