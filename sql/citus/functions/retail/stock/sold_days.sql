create or replace function retail.sold_days(spans retail.store_span[])
returns table (
    store_id uuid,
    sales_date date,
    order_count integer,
    line_count integer,
    units bigint,
    net_amount numeric
)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_stores uuid[] := array(select s.store_id from unnest(sold_days.spans) as s);
begin
    return query
    select t.store_id, t.sales_date, t.order_count, t.line_count, t.units, t.net_amount
    from retail.daily_totals as t
    inner join unnest(sold_days.spans) as s
        on t.store_id = s.store_id and t.sales_date between s.from_date and s.to_date
    -- so that only the shards of these stores are asked
    where t.store_id = any(v_stores);
end
$$;
