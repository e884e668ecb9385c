create or replace function api.get_store_performance(
    store_id uuid default null,
    time_period retail.time_period default 'last_30_days'
)
returns retail.store_performance
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_stores uuid[] := retail.get_user_store_list();
    v_metrics retail.store_metrics;
    v_result retail.store_performance;
begin
    if store_id <> all (v_stores) then
        -- the same for a store that does not exist
        perform tool.not_allowed('list_stores shows the stores you may see.');
    elsif store_id is not null then
        v_stores := array[store_id];
    end if;

    v_metrics := retail.store_metrics(v_stores, time_period);
    v_result.time_period := time_period;
    v_result.metrics := v_metrics;
    v_result.insights := retail.store_insights(v_metrics);
    select
        case when count(*) = 1 then min(s.store_id::text)::uuid end,
        case when count(*) = 1 then min(s.name) else format('%s stores together', count(*)) end,
        case
            when time_period = 'all_time'
                then (select min(d.sales_date) from retail.daily_sales as d where d.store_id = any (v_stores))
            else min(b.from_date)
        end,
        max(b.to_date)
    into v_result.store_id, v_result.store_name, v_result.from_date, v_result.to_date
    from retail.stores as s
    cross join lateral retail.period_bounds(time_period, (now() at time zone s.time_zone)::date) as b
    where s.store_id = any (v_stores);
    return v_result;
end
$$;

comment on function api.get_store_performance(uuid, retail.time_period) is $comment$
How a store did over a period: figures, and sentences made from them.

Days are business days in the store's own time zone. Amounts are US dollars, revenue is net of discounts.

@param store_id     Store; null takes yours, or all the stores you may see together.
@param time_period  Period, ending today or before.
@returns Figures and insights; margin for head office alone.
@error AUTHORIZATION_ERROR The store is none of yours.
@tool title="Store performance" cache=60s timeout=10s
$comment$;

alter function api.get_store_performance(uuid, retail.time_period) owner to zava_tools;
revoke all on function api.get_store_performance(uuid, retail.time_period) from public;
grant execute on function api.get_store_performance(uuid, retail.time_period)
to zava_auth, store_managers, regional_managers, head_office;
