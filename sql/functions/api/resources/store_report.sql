create or replace function api.store_report(store_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_store retail.stores;
    v_day date;
begin
    select s.* into v_store
    from retail.stores as s
    where s.store_id = store_report.store_id;
    if not found then
        perform mcp_tool.not_found('no such store');
    end if;
    -- the last day that is over where the store is
    v_day := (now() at time zone v_store.time_zone)::date - 1;
    return (
        with sold as (
            select
                p.name,
                d.sales_date,
                d.units,
                d.net_amount
            from retail.daily_sales as d
            join retail.products as p on p.product_id = d.product_id
            where d.store_id = v_store.store_id and d.sales_date in (v_day, v_day - 7)
        )
        select jsonb_build_object(
            'store', v_store.name,
            'day', v_day,
            'revenue', coalesce(sum(s.net_amount) filter (where s.sales_date = v_day), 0.00),
            'revenue_a_week_before', coalesce(sum(s.net_amount) filter (where s.sales_date = v_day - 7), 0.00),
            'units', coalesce(sum(s.units) filter (where s.sales_date = v_day), 0),
            'orders', (
                select coalesce(sum(t.order_count), 0)
                from retail.daily_totals as t
                where t.store_id = v_store.store_id and t.sales_date = v_day
            ),
            'best_sellers', (
                select coalesce(jsonb_agg(b.best order by b.net_amount desc, b.name), '[]')
                from (
                    select
                        t.name,
                        t.net_amount,
                        jsonb_build_object('product', t.name, 'units', t.units, 'revenue', t.net_amount) as best
                    from sold as t
                    where t.sales_date = v_day
                    order by t.net_amount desc, t.name
                    limit 5
                ) as b
            ),
            'out_of_stock', (
                select count(*)
                from retail.inventory as i
                where i.store_id = v_store.store_id and i.stock_level = 0
            )
        )
        from sold as s
    );
end
$$;

comment on function api.store_report(uuid) is $comment$
A store's report of yesterday: revenue, orders, best sellers, products out of stock.

Yesterday is the store's own. Amounts are US dollars, revenue is net of discounts; it is compared with the same day of
the week before.

@param store_id  Store.
@returns One object.
@error NOT_FOUND There is no such store among yours.
@resource uri="zava://stores/{store_id}/report" title="Daily report of a store"
$comment$;

alter function api.store_report(uuid) owner to mcp_tools;
revoke all on function api.store_report(uuid) from public;
grant execute on function api.store_report(uuid)
to mcp_core, store_managers, regional_managers, head_office;
