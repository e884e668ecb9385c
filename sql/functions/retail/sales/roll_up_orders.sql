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
    -- customers whose dates it changed
    v_moved retail.customer_sales[];
    v_stores uuid[];
    v_days date[];
    v_counts integer[];
begin
    case tg_op
        when 'TRUNCATE' then
            delete from retail.customer_sales;
            delete from retail.daily_totals where line_count = 0;
            update retail.daily_totals set order_count = 0 where order_count <> 0;
            return null;
        when 'INSERT' then
            -- in key order, so that two sessions wait for each other instead of deadlocking
            with by_day as (
                insert into retail.daily_totals as t
                    (
                        store_id, sales_date, order_count, line_count, units, gross_amount,
                        discount_amount
                    )
                select n.store_id, n.order_date, count(*), 0, 0, 0, 0
                from new_orders as n
                group by n.store_id, n.order_date
                order by n.store_id, n.order_date
                on conflict on constraint daily_totals_pkey do update
                set order_count = t.order_count + excluded.order_count
            )

            insert into retail.customer_sales as c
                (
                    store_id, customer_id, order_count, net_amount, first_order_date,
                    last_order_date
                )
            select
                n.store_id, n.customer_id, count(*), sum(n.total_amount), min(n.order_date),
                max(n.order_date)
            from new_orders as n
            group by n.store_id, n.customer_id
            order by n.store_id, n.customer_id
            on conflict on constraint customer_sales_pkey do update
            set order_count = c.order_count + excluded.order_count,
                net_amount = c.net_amount + excluded.net_amount,
                first_order_date = least(c.first_order_date, excluded.first_order_date),
                last_order_date = greatest(c.last_order_date, excluded.last_order_date);
            return null;
        when 'DELETE' then
            select array_agg(s.change) into v_changes
            from (
                select
                    row(
                        o.store_id, o.customer_id, -count(*), -sum(o.total_amount), null, null
                    )::retail.customer_sales as change
                from old_orders as o
                group by o.store_id, o.customer_id
            ) as s;
            v_moved := v_changes;
            select array_agg(s.store_id), array_agg(s.order_date), array_agg(s.order_count)
            into v_stores, v_days, v_counts
            from (
                select o.store_id, o.order_date, -count(*) as order_count
                from old_orders as o
                group by o.store_id, o.order_date
            ) as s;
        when 'UPDATE' then
            select
                array_agg(s.change) filter (
                    where (s.change).order_count <> 0 or (s.change).net_amount <> 0 or s.is_moved
                ),
                array_agg(s.change) filter (where s.is_moved)
            into v_changes, v_moved
            from (
                select
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
            if v_moved is null then
                -- only amounts, as when lines come; in one statement with their order before it
                insert into retail.customer_sales as c
                    (
                        store_id, customer_id, order_count, net_amount, first_order_date,
                        last_order_date
                    )
                select
                    v.store_id, v.customer_id, 0, v.net_amount, v.first_order_date,
                    v.last_order_date
                from unnest(v_changes) as v
                order by v.store_id, v.customer_id
                on conflict on constraint customer_sales_pkey do update
                set net_amount = c.net_amount + excluded.net_amount;
                return null;
            end if;
            select array_agg(s.store_id), array_agg(s.order_date), array_agg(s.order_count)
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
    if v_changes is null then
        return null;
    end if;

    with by_day as (
        insert into retail.daily_totals as t
            (store_id, sales_date, order_count, line_count, units, gross_amount, discount_amount)
        select d.store_id, d.sales_date, d.order_count, 0, 0, 0, 0
        from unnest(v_stores, v_days, v_counts) as d(store_id, sales_date, order_count)
        where d.order_count > 0
        order by d.store_id, d.sales_date
        on conflict on constraint daily_totals_pkey do update
        set order_count = t.order_count + excluded.order_count
    )

    insert into retail.customer_sales as c
        (store_id, customer_id, order_count, net_amount, first_order_date, last_order_date)
    select
        v.store_id, v.customer_id, v.order_count, v.net_amount, v.first_order_date,
        v.last_order_date
    from unnest(v_changes) as v
    where v.order_count >= 0
    order by v.store_id, v.customer_id
    on conflict on constraint customer_sales_pkey do update
    set order_count = c.order_count + excluded.order_count,
        net_amount = c.net_amount + excluded.net_amount;

    with by_day as (
        update retail.daily_totals as t
        set order_count = t.order_count + d.order_count
        from unnest(v_stores, v_days, v_counts) as d(store_id, sales_date, order_count)
        where d.order_count < 0 and t.store_id = d.store_id and t.sales_date = d.sales_date
    )

    update retail.customer_sales as c
    set order_count = c.order_count + v.order_count, net_amount = c.net_amount + v.net_amount
    from unnest(v_changes) as v
    where v.order_count < 0 and c.store_id = v.store_id and c.customer_id = v.customer_id;

    -- with the customers' rows locked, the next statement sees every order that counts in them
    with by_day as (
        delete from retail.daily_totals as t
        using unnest(v_stores, v_days) as d(store_id, sales_date)
        where t.order_count = 0 and t.line_count = 0
            and t.store_id = d.store_id and t.sales_date = d.sales_date
    ),

    by_customer as (
        delete from retail.customer_sales as c
        using unnest(v_moved) as v
        where c.order_count = 0 and c.store_id = v.store_id and c.customer_id = v.customer_id
    )

    update retail.customer_sales as c
    set first_order_date = d.first_order_date, last_order_date = d.last_order_date
    from unnest(v_moved) as v
    cross join lateral (
        select min(o.order_date) as first_order_date, max(o.order_date) as last_order_date
        from retail.orders as o
        where o.store_id = v.store_id and o.customer_id = v.customer_id
    ) as d
    where c.order_count > 0 and c.store_id = v.store_id and c.customer_id = v.customer_id
        and (c.first_order_date, c.last_order_date) <> (d.first_order_date, d.last_order_date);
    return null;
end
$$;

comment on function retail.roll_up_orders() is $comment$
Keep daily_totals and customer_sales exact when orders are inserted, updated, deleted or truncated.

Once a statement, from its transition tables. What lines add to an order's total arrives as an update of the order.
$comment$;

alter function retail.roll_up_orders() owner to zava_owner;
revoke all on function retail.roll_up_orders() from public;

create or replace trigger orders_roll_up_insert
after insert on retail.orders
referencing new table as new_orders
for each statement execute function retail.roll_up_orders();
comment on trigger orders_roll_up_insert on retail.orders is 'Keeps rollups.';

create or replace trigger orders_roll_up_update
after update on retail.orders
referencing old table as old_orders new table as new_orders
for each statement execute function retail.roll_up_orders();
comment on trigger orders_roll_up_update on retail.orders is 'Keeps rollups.';

create or replace trigger orders_roll_up_delete
after delete on retail.orders
referencing old table as old_orders
for each statement execute function retail.roll_up_orders();
comment on trigger orders_roll_up_delete on retail.orders is 'Keeps rollups.';

create or replace trigger orders_roll_up_truncate
after truncate on retail.orders
for each statement execute function retail.roll_up_orders();
comment on trigger orders_roll_up_truncate on retail.orders is 'Keeps rollups.';
