create or replace function retail.roll_up_lines()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- what the statement adds to each day and product, below zero what it takes away
    v_changes retail.daily_sales[];
    v_change retail.daily_sales;
    -- and to the totals of orders
    v_stores uuid[];
    v_orders uuid[];
    v_amounts numeric[];
begin
    -- on the worker of the store; no statement there joins a transition table with another table
    case tg_op
        when 'TRUNCATE' then
            delete from retail.daily_sales;
            delete from retail.year_to_date_sales;
            update retail.stores set sales_closed_until = null where sales_closed_until is not null;
            delete from retail.daily_totals where order_count = 0;
            update retail.daily_totals
            set line_count = 0, units = 0, gross_amount = 0, discount_amount = 0
            where line_count <> 0;
            update retail.orders set total_amount = 0 where total_amount <> 0;
            return null;
        when 'INSERT' then
            select array_agg(s.change order by s.store_id, s.order_date, s.product_id) into v_changes
            from (
                select
                    n.store_id, n.order_date, n.product_id,
                    row(
                        n.store_id, n.order_date, n.product_id, count(*), sum(n.quantity),
                        sum(n.quantity * n.unit_price), sum(n.discount_amount), null
                    )::retail.daily_sales as change
                from new_lines as n
                group by n.store_id, n.order_date, n.product_id
            ) as s;
            select array_agg(s.store_id), array_agg(s.order_id), array_agg(s.amount)
            into v_stores, v_orders, v_amounts
            from (
                select n.store_id, n.order_id, sum(n.line_amount) as amount
                from new_lines as n
                group by n.store_id, n.order_id
            ) as s
            where s.amount <> 0;
        when 'DELETE' then
            select array_agg(s.change order by s.store_id, s.order_date, s.product_id) into v_changes
            from (
                select
                    o.store_id, o.order_date, o.product_id,
                    row(
                        o.store_id, o.order_date, o.product_id, -count(*), -sum(o.quantity),
                        -sum(o.quantity * o.unit_price), -sum(o.discount_amount), null
                    )::retail.daily_sales as change
                from old_lines as o
                group by o.store_id, o.order_date, o.product_id
            ) as s;
            select array_agg(s.store_id), array_agg(s.order_id), array_agg(s.amount)
            into v_stores, v_orders, v_amounts
            from (
                select d.store_id, d.order_id, -sum(d.line_amount) as amount
                from old_lines as d
                group by d.store_id, d.order_id
            ) as s
            where s.amount <> 0;
        when 'UPDATE' then
            select array_agg(s.change order by s.store_id, s.order_date, s.product_id) into v_changes
            from (
                select
                    c.store_id, c.order_date, c.product_id,
                    row(
                        c.store_id, c.order_date, c.product_id, sum(c.sign),
                        sum(c.sign * c.quantity), sum(c.sign * c.quantity * c.unit_price),
                        sum(c.sign * c.discount_amount), null
                    )::retail.daily_sales as change
                from (
                    select 1 as sign, n.* from new_lines as n
                    union all
                    select -1 as sign, o.* from old_lines as o
                ) as c
                group by c.store_id, c.order_date, c.product_id
            ) as s
            where (s.change).line_count <> 0 or (s.change).units <> 0
                or (s.change).gross_amount <> 0 or (s.change).discount_amount <> 0;
            select array_agg(s.store_id), array_agg(s.order_id), array_agg(s.amount)
            into v_stores, v_orders, v_amounts
            from (
                select c.store_id, c.order_id, sum(c.amount) as amount
                from (
                    select n.store_id, n.order_id, n.line_amount as amount from new_lines as n
                    union all
                    select d.store_id, d.order_id, -d.line_amount from old_lines as d
                ) as c
                group by c.store_id, c.order_id
            ) as s
            where s.amount <> 0;
    end case;

    for v_place in 1 .. coalesce(cardinality(v_orders), 0) loop
        update retail.orders as o
        set total_amount = o.total_amount + v_amounts[v_place]
        where o.store_id = v_stores[v_place] and o.order_id = v_orders[v_place];
    end loop;
    if v_changes is null then
        return null;
    end if;
    -- in key order, so that two sessions wait for each other instead of deadlocking
    foreach v_change in array v_changes loop
        perform retail.change_day(v_change);
    end loop;
    perform retail.change_closed_days(
        array(
            select c
            from unnest(v_changes) as c
            join retail.stores as s
                on s.store_id = c.store_id and s.sales_closed_until >= c.sales_date
        )
    );
    return null;
end
$$;

comment on function retail.roll_up_lines() is $comment$
Keep daily_sales, year_to_date_sales, daily_totals and the orders' totals exact when order lines are inserted,
updated, deleted or truncated.

Once a statement, from its transition tables. A moved order date arrives as an update of the lines, by
retail.move_lines(). This is the form for a cluster, where retail.close_days() locks the lines, not the store.
$comment$;
