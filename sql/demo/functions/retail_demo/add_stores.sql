create or replace function retail_demo.add_stores(as_of date, history interval default '6 years')
returns integer
language plpgsql
volatile
strict
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_opened timestamptz := (as_of - history - interval '2 years') at time zone 'UTC';
    v_stores integer;
begin
    insert into retail.regions (region_id, name, created_at)
    select distinct
        s.region_id,
        s.region,
        v_opened
    from retail_demo.stores() as s;

    -- the ids of stores and regions are known before the users whose scope they are
    insert into retail.stores (
        store_id, name, location, time_zone, region_id, manager_id, is_online, created_at
    )
    select
        s.store_id,
        s.name,
        s.location,
        s.time_zone,
        s.region_id,
        mcp_auth.add_user('Manager of ' || s.name, 'store_managers', array[s.store_id::text]),
        s.is_online,
        v_opened
    from retail_demo.stores() as s
    order by s.store_no;
    get diagnostics v_stores = row_count;

    perform mcp_auth.add_user('Manager of region ' || r.name, 'regional_managers', array[r.region_id::text])
    from retail.regions as r
    order by r.name;
    perform mcp_auth.add_user('Head office of Zava Retail', 'head_office');

    return v_stores;
end
$$;

comment on function retail_demo.add_stores(date, interval) is $comment$
Store the demo's regions and stores, and add their users.

Each store and each region has a manager; head office is one user.

@param as_of    Day after the last order.
@param history  How long the orders go back; the stores opened two years earlier.
@returns How many stores.
$comment$;

alter function retail_demo.add_stores(date, interval) owner to zava_owner;
revoke all on function retail_demo.add_stores(date, interval) from public;
