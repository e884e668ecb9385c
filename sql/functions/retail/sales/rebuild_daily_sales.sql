create or replace function retail.rebuild_daily_sales()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_changed bigint := 0;
    v_count bigint;
begin
    -- reads continue; running sales end first, and the next sale waits
    lock table retail.orders, retail.order_items in share row exclusive mode;

    -- rows of nothing first: MERGE deletes such from PostgreSQL 17 on
    delete from retail.daily_sales as r
    where not exists (
        select
        from retail.expected_daily_sales as e
        where r.store_id = e.store_id and r.sales_date = e.sales_date and r.product_id = e.product_id
    );
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;
    merge into retail.daily_sales as r
    using retail.expected_daily_sales as e
    on r.store_id = e.store_id and r.sales_date = e.sales_date and r.product_id = e.product_id
    when matched
        and (r.line_count, r.units, r.gross_amount, r.discount_amount)
        <> (e.line_count, e.units, e.gross_amount, e.discount_amount)
        then update set
            line_count = e.line_count,
            units = e.units,
            gross_amount = e.gross_amount,
            discount_amount = e.discount_amount
    when not matched then
        insert (
            store_id, sales_date, product_id, line_count, units, gross_amount, discount_amount
        )
        values (
            e.store_id, e.sales_date, e.product_id, e.line_count, e.units, e.gross_amount,
            e.discount_amount
        );
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;

    delete from retail.year_to_date_sales as r
    where not exists (
        select
        from retail.expected_year_to_date_sales as e
        where r.store_id = e.store_id and r.sales_date = e.sales_date and r.product_id = e.product_id
    );
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;
    merge into retail.year_to_date_sales as r
    using retail.expected_year_to_date_sales as e
    on r.store_id = e.store_id and r.sales_date = e.sales_date and r.product_id = e.product_id
    when matched
        and (r.line_count, r.units, r.gross_amount, r.discount_amount)
        <> (e.line_count, e.units, e.gross_amount, e.discount_amount)
        then update set
            line_count = e.line_count,
            units = e.units,
            gross_amount = e.gross_amount,
            discount_amount = e.discount_amount
    when not matched then
        insert (
            store_id, sales_date, product_id, line_count, units, gross_amount, discount_amount
        )
        values (
            e.store_id, e.sales_date, e.product_id, e.line_count, e.units, e.gross_amount,
            e.discount_amount
        );
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;

    delete from retail.daily_totals as r
    where not exists (
        select
        from retail.expected_daily_totals as e
        where r.store_id = e.store_id and r.sales_date = e.sales_date
    );
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;
    merge into retail.daily_totals as r
    using retail.expected_daily_totals as e
    on r.store_id = e.store_id and r.sales_date = e.sales_date
    when matched
        and (r.order_count, r.line_count, r.units, r.gross_amount, r.discount_amount)
        <> (e.order_count, e.line_count, e.units, e.gross_amount, e.discount_amount)
        then update set
            order_count = e.order_count,
            line_count = e.line_count,
            units = e.units,
            gross_amount = e.gross_amount,
            discount_amount = e.discount_amount
    when not matched then
        insert (
            store_id, sales_date, order_count, line_count, units, gross_amount, discount_amount
        )
        values (
            e.store_id, e.sales_date, e.order_count, e.line_count, e.units, e.gross_amount,
            e.discount_amount
        );
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;

    delete from retail.customer_sales as r
    where not exists (
        select
        from retail.expected_customer_sales as e
        where r.store_id = e.store_id and r.customer_id = e.customer_id
    );
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;
    merge into retail.customer_sales as r
    using retail.expected_customer_sales as e
    on r.store_id = e.store_id and r.customer_id = e.customer_id
    when matched
        and (r.order_count, r.net_amount, r.first_order_date, r.last_order_date)
        <> (e.order_count, e.net_amount, e.first_order_date, e.last_order_date)
        then update set
            order_count = e.order_count,
            net_amount = e.net_amount,
            first_order_date = e.first_order_date,
            last_order_date = e.last_order_date
    when not matched then
        insert (
            store_id, customer_id, order_count, net_amount, first_order_date, last_order_date
        )
        values (
            e.store_id, e.customer_id, e.order_count, e.net_amount, e.first_order_date,
            e.last_order_date
        );
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;

    -- the triggers take it from here: an update that sets nothing new gives the day, and by cascade
    -- the lines' day
    update retail.orders as o
    set ordered_at = o.ordered_at
    from retail.stores as s
    where s.store_id = o.store_id
        and o.order_date <> (o.ordered_at at time zone s.time_zone)::date;
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;

    update retail.orders as o
    set total_amount = t.amount
    from (
        select r.store_id, r.order_id, coalesce(sum(i.line_amount), 0) as amount
        from retail.orders as r
        left join retail.order_items as i on i.store_id = r.store_id and i.order_id = r.order_id
        group by r.store_id, r.order_id
    ) as t
    where o.store_id = t.store_id and o.order_id = t.order_id and o.total_amount <> t.amount;
    get diagnostics v_count = row_count;
    v_changed := v_changed + v_count;
    perform retail.close_days();
    return v_changed;
end
$$;

comment on function retail.rebuild_daily_sales() is $comment$
Make daily_sales, year_to_date_sales, daily_totals, customer_sales, the orders' totals and their business days what
the orders and their lines say, and close the days that are over. For data that came in with the triggers disabled; sales wait while it runs.

@returns How many rows were wrong; 0 after triggers alone.
$comment$;

alter function retail.rebuild_daily_sales() owner to zava_owner;
revoke all on function retail.rebuild_daily_sales() from public;
