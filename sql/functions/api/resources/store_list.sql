create or replace function api.store_list()
returns table (
    store_id uuid,
    name text,
    location text,
    region text,
    time_zone text,
    is_online boolean,
    report text
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
        s.is_online,
        'zava://stores/' || s.store_id || '/report' as report
    from retail.stores as s
    inner join retail.regions as r on s.region_id = r.region_id
    order by s.name;
end;

comment on function api.store_list() is $comment$
The stores you may see, each with the address of its daily report.

@returns One row a store, by name.
@resource uri="zava://stores" title="Stores"
$comment$;

alter function api.store_list() owner to mcp_tools;
revoke all on function api.store_list() from public;
grant execute on function api.store_list()
to mcp_core, store_managers, regional_managers, head_office;
