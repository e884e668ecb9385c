create or replace function retail.roll_up_orders()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- what the statement adds to each customer, below zero what it takes away; the dates are those
    -- that it brings
    v_changes retail.customer_sales[];
    v_change retail.customer_sales;
    -- customers whose dates it changed
    v_moved retail.customer_sales[] := '{}';
    v_stores uuid[];
    v_days date[];
    v_counts integer[];
    v_first date;
    v_last date;
begin
    -- on the worker of the store; no statement there joins a transition table with another table
    case tg_op
        when 'TRUNCATE' then
            delete from retail.customer_sales;
            delete from retail.daily_totals where line_count = 0;
            update retail.daily_totals set order_count = 0 where order_count <> 0;
            return null;
        when 'INSERT' then
            select array_agg(s.change order by s.store_id, s.customer_id) into v_changes
            from (
                select
                    n.store_id, n.customer_id,
                    row(
                        n.store_id, n.customer_id, count(*), sum(n.total_amount),
                        min(n.order_date), max(n.order_date)
                    )::retail.customer_sales as change
                from new_orders as n
                group by n.store_id, n.customer_id
            ) as s;
            select
                array_agg(s.store_id order by s.store_id, s.order_date),
                array_agg(s.order_date order by s.store_id, s.order_date),
                array_agg(s.order_count order by s.store_id, s.order_date)
            into v_stores, v_days, v_counts
            from (
                select n.store_id, n.order_date, count(*) as order_count
                from new_orders as n
                group by n.store_id, n.order_date
            ) as s;
        when 'DELETE' then
            select array_agg(s.change order by s.store_id, s.customer_id) into v_changes
            from (
                select
                    o.store_id, o.customer_id,
                    row(
                        o.store_id, o.customer_id, -count(*), -sum(o.total_amount), null, null
                    )::retail.customer_sales as change
                from old_orders as o
                group by o.store_id, o.customer_id
            ) as s;
            v_moved := coalesce(v_changes, '{}');
            select
                array_agg(s.store_id order by s.store_id, s.order_date),
                array_agg(s.order_date order by s.store_id, s.order_date),
                array_agg(s.order_count order by s.store_id, s.order_date)
            into v_stores, v_days, v_counts
            from (
                select o.store_id, o.order_date, -count(*) as order_count
                from old_orders as o
                group by o.store_id, o.order_date
            ) as s;
        when 'UPDATE' then
            select
                array_agg(s.change order by s.store_id, s.customer_id) filter (
                    where (s.change).order_count <> 0 or (s.change).net_amount <> 0 or s.is_moved
                ),
                coalesce(
                    array_agg(s.change order by s.store_id, s.customer_id) filter (where s.is_moved),
                    '{}'
                )
            into v_changes, v_moved
            from (
                select
                    d.store_id, d.customer_id,
                    row(
                        d.store_id, d.customer_id, sum(d.order_count), sum(d.amount),
                        min(d.order_date) filter (where d.order_count >= 0),
                        max(d.order_date) filter (where d.order_count >= 0)
                    )::retail.customer_sales as change,
                    bool_or(d.order_count <> 0) as is_moved
                from (
                    select
                        c.store_id, c.customer_id, c.order_date, sum(c.sign) as order_count,
                        sum(c.sign * c.total_amount) as amount
                    from (
                        select 1 as sign, n.* from new_orders as n
                        union all
                        select -1 as sign, o.* from old_orders as o
                    ) as c
                    group by c.store_id, c.customer_id, c.order_date
                ) as d
                group by d.store_id, d.customer_id
            ) as s;
            select
                array_agg(s.store_id order by s.store_id, s.order_date),
                array_agg(s.order_date order by s.store_id, s.order_date),
                array_agg(s.order_count order by s.store_id, s.order_date)
            into v_stores, v_days, v_counts
            from (
                select c.store_id, c.order_date, sum(c.sign) as order_count
                from (
                    select 1 as sign, n.store_id, n.order_date from new_orders as n
                    union all
                    select -1 as sign, o.store_id, o.order_date from old_orders as o
                ) as c
                group by c.store_id, c.order_date
                having sum(c.sign) <> 0
            ) as s;
    end case;

    -- in key order, so that two sessions wait for each other instead of deadlocking
    for v_place in 1 .. coalesce(cardinality(v_days), 0) loop
        if v_counts[v_place] > 0 then
            insert into retail.daily_totals as t
                (store_id, sales_date, order_count, line_count, units, gross_amount, discount_amount)
            values (v_stores[v_place], v_days[v_place], v_counts[v_place], 0, 0, 0, 0)
            on conflict (store_id, sales_date) do update
            set order_count = t.order_count + excluded.order_count;
        else
            update retail.daily_totals as t
            set order_count = t.order_count + v_counts[v_place]
            where t.store_id = v_stores[v_place] and t.sales_date = v_days[v_place];
            delete from retail.daily_totals as t
            where t.store_id = v_stores[v_place] and t.sales_date = v_days[v_place]
                and t.order_count = 0 and t.line_count = 0;
        end if;
    end loop;
    foreach v_change in array coalesce(v_changes, '{}') loop
        if v_change.order_count >= 0 then
            insert into retail.customer_sales as c
                (store_id, customer_id, order_count, net_amount, first_order_date, last_order_date)
            values (
                v_change.store_id, v_change.customer_id, v_change.order_count,
                v_change.net_amount, v_change.first_order_date, v_change.last_order_date
            )
            on conflict (store_id, customer_id) do update
            set order_count = c.order_count + excluded.order_count,
                net_amount = c.net_amount + excluded.net_amount,
                first_order_date = least(c.first_order_date, excluded.first_order_date),
                last_order_date = greatest(c.last_order_date, excluded.last_order_date);
        else
            update retail.customer_sales as c
            set order_count = c.order_count + v_change.order_count,
                net_amount = c.net_amount + v_change.net_amount
            where c.store_id = v_change.store_id and c.customer_id = v_change.customer_id;
        end if;
    end loop;
    -- with the customers' rows locked, the next statement sees every order that counts in them
    foreach v_change in array v_moved loop
        delete from retail.customer_sales as c
        where c.store_id = v_change.store_id and c.customer_id = v_change.customer_id
            and c.order_count = 0;
        select min(o.order_date), max(o.order_date) into v_first, v_last
        from retail.orders as o
        where o.store_id = v_change.store_id and o.customer_id = v_change.customer_id;
        update retail.customer_sales as c
        set first_order_date = v_first, last_order_date = v_last
        where c.store_id = v_change.store_id and c.customer_id = v_change.customer_id
            and (c.first_order_date, c.last_order_date) <> (v_first, v_last);
    end loop;
    return null;
end
$$;
