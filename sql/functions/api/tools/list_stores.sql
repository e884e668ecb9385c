create or replace function api.list_stores()
returns table (
    store_id uuid,
    name text,
    location text,
    region text,
    time_zone text,
    is_online boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        s.store_id,
        s.name,
        s.location,
        r.name as region,
        s.time_zone,
        s.is_online
    from retail.stores as s
    inner join retail.regions as r on s.region_id = r.region_id
    order by s.name;
end;

comment on function api.list_stores() is $comment$
The stores you may see: shops, branches and locations, with their ids.

Use it for which stores there are, how many, where, and for the id of a store by its name.

@returns One row a store, by name.
@example "is there an online shop?" -> list_stores()
@example "all shops" -> list_stores()
@example "stores in Seattle" -> list_stores()
@tool title="Stores" group=sales,stock,core cache=300s
@ui table
@ui link name -> get_store_performance(store_id)
$comment$;

alter function api.list_stores() owner to mcp_tools;
revoke all on function api.list_stores() from public;
grant execute on function api.list_stores()
to mcp_core, store_managers, regional_managers, head_office;
