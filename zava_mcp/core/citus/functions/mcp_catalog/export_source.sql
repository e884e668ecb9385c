create or replace function mcp_catalog.export_source(query text, columns text)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    -- a sub-select is asked of each shard, and loses its order; what is computed first keeps it
    return format(e'(with x as materialized (%s\n) select * from x) as q (%s)', query, columns);
end
$$;
