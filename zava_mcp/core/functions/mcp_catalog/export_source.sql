create or replace function mcp_catalog.export_source(query text, columns text)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    return format(e'(%s\n) as q (%s)', query, columns);
end
$$;

comment on function mcp_catalog.export_source(text, text) is $comment$
Write a free query as what stands after FROM, its rows in its own order.

@param query    One SELECT.
@param columns  The names that its columns get, with commas.
@returns The relation q.
$comment$;

alter function mcp_catalog.export_source(text, text) owner to mcp_core;
revoke all on function mcp_catalog.export_source(text, text) from public;
