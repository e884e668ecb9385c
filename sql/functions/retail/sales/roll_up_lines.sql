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
begin
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
            -- a sale stores its lines first: then nothing is to be updated, no trigger to be run
            if exists (
                select
                from new_lines as n
                join retail.orders as o on o.store_id = n.store_id and o.order_id = n.order_id
            ) then
                update retail.orders as o
                set total_amount = o.total_amount + s.amount
                from (
                    select n.store_id, n.order_id, sum(n.line_amount) as amount
                    from new_lines as n
                    group by n.store_id, n.order_id
                ) as s
                where o.store_id = s.store_id and o.order_id = s.order_id and s.amount <> 0;
            end if;
            -- in key order, so that two sessions wait for each other instead of deadlocking
            insert into retail.daily_sales as d
                (store_id, sales_date, product_id, line_count, units, gross_amount, discount_amount)
            select
                n.store_id, n.order_date, n.product_id, count(*), sum(n.quantity),
                sum(n.quantity * n.unit_price), sum(n.discount_amount)
            from new_lines as n
            group by n.store_id, n.order_date, n.product_id
            order by n.store_id, n.order_date, n.product_id
            on conflict on constraint daily_sales_pkey do update
            set line_count = d.line_count + excluded.line_count,
                units = d.units + excluded.units,
                gross_amount = d.gross_amount + excluded.gross_amount,
                discount_amount = d.discount_amount + excluded.discount_amount;
            insert into retail.daily_totals as t
                (store_id, sales_date, order_count, line_count, units, gross_amount, discount_amount)
            select
                n.store_id, n.order_date, 0, count(*), sum(n.quantity),
                sum(n.quantity * n.unit_price), sum(n.discount_amount)
            from new_lines as n
            group by n.store_id, n.order_date
            order by n.store_id, n.order_date
            on conflict on constraint daily_totals_pkey do update
            set line_count = t.line_count + excluded.line_count,
                units = t.units + excluded.units,
                gross_amount = t.gross_amount + excluded.gross_amount,
                discount_amount = t.discount_amount + excluded.discount_amount;
            -- against retail.close_days(), which waits for this lock; who waited sees what it did
            with locked as materialized (
                select s.store_id, s.sales_closed_until
                from retail.stores as s
                where s.store_id in (select n.store_id from new_lines as n)
                order by s.store_id
                for key share
            )

            select array_agg(
                row(
                    n.store_id, n.order_date, n.product_id, 1, n.quantity,
                    n.quantity * n.unit_price, n.discount_amount, null
                )::retail.daily_sales
            ) into v_changes
            from new_lines as n
            join locked as l on l.store_id = n.store_id and l.sales_closed_until >= n.order_date;
            if v_changes is not null then
                perform retail.change_closed_days(v_changes);
            end if;
            return null;
        when 'DELETE' then
            select array_agg(s.change) into v_changes
            from (
                select
                    row(
                        o.store_id, o.order_date, o.product_id, -count(*), -sum(o.quantity),
                        -sum(o.quantity * o.unit_price), -sum(o.discount_amount), null
                    )::retail.daily_sales as change
                from old_lines as o
                group by o.store_id, o.order_date, o.product_id
            ) as s;
            update retail.orders as o
            set total_amount = o.total_amount - s.amount
            from (
                select d.store_id, d.order_id, sum(d.line_amount) as amount
                from old_lines as d
                group by d.store_id, d.order_id
            ) as s
            where o.store_id = s.store_id and o.order_id = s.order_id and s.amount <> 0;
        when 'UPDATE' then
            select array_agg(s.change) into v_changes
            from (
                select
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
            update retail.orders as o
            set total_amount = o.total_amount + s.amount
            from (
                select c.store_id, c.order_id, sum(c.amount) as amount
                from (
                    select n.store_id, n.order_id, n.line_amount as amount from new_lines as n
                    union all
                    select d.store_id, d.order_id, -d.line_amount from old_lines as d
                ) as c
                group by c.store_id, c.order_id
            ) as s
            where o.store_id = s.store_id and o.order_id = s.order_id and s.amount <> 0;
    end case;
    if v_changes is null then
        return null;
    end if;

    -- in key order, so that two sessions wait for each other instead of deadlocking
    with by_day as (
        insert into retail.daily_sales as d
            (store_id, sales_date, product_id, line_count, units, gross_amount, discount_amount)
        select
            c.store_id, c.sales_date, c.product_id, c.line_count, c.units, c.gross_amount,
            c.discount_amount
        from unnest(v_changes) as c
        where c.line_count >= 0
        order by c.store_id, c.sales_date, c.product_id
        on conflict on constraint daily_sales_pkey do update
        set line_count = d.line_count + excluded.line_count,
            units = d.units + excluded.units,
            gross_amount = d.gross_amount + excluded.gross_amount,
            discount_amount = d.discount_amount + excluded.discount_amount
    )

    insert into retail.daily_totals as t
        (store_id, sales_date, order_count, line_count, units, gross_amount, discount_amount)
    select
        c.store_id, c.sales_date, 0, sum(c.line_count), sum(c.units), sum(c.gross_amount),
        sum(c.discount_amount)
    from unnest(v_changes) as c
    group by c.store_id, c.sales_date
    having sum(c.line_count) >= 0
    order by c.store_id, c.sales_date
    on conflict on constraint daily_totals_pkey do update
    set line_count = t.line_count + excluded.line_count,
        units = t.units + excluded.units,
        gross_amount = t.gross_amount + excluded.gross_amount,
        discount_amount = t.discount_amount + excluded.discount_amount;

    -- what lost lines
    with by_day as (
        update retail.daily_sales as d
        set line_count = d.line_count + c.line_count,
            units = d.units + c.units,
            gross_amount = d.gross_amount + c.gross_amount,
            discount_amount = d.discount_amount + c.discount_amount
        from unnest(v_changes) as c
        where c.line_count < 0
            and (d.store_id, d.sales_date, d.product_id) = (c.store_id, c.sales_date, c.product_id)
    )

    update retail.daily_totals as t
    set line_count = t.line_count + s.line_count,
        units = t.units + s.units,
        gross_amount = t.gross_amount + s.gross_amount,
        discount_amount = t.discount_amount + s.discount_amount
    from (
        select
            c.store_id, c.sales_date, sum(c.line_count) as line_count, sum(c.units) as units,
            sum(c.gross_amount) as gross_amount, sum(c.discount_amount) as discount_amount
        from unnest(v_changes) as c
        group by c.store_id, c.sales_date
        having sum(c.line_count) < 0
    ) as s
    where (t.store_id, t.sales_date) = (s.store_id, s.sales_date);

    -- what has none left
    with by_day as (
        delete from retail.daily_sales as d
        using unnest(v_changes) as c
        where c.line_count < 0 and d.line_count = 0
            and (d.store_id, d.sales_date, d.product_id) = (c.store_id, c.sales_date, c.product_id)
    )

    delete from retail.daily_totals as t
    using unnest(v_changes) as c
    where c.line_count < 0 and t.line_count = 0 and t.order_count = 0
        and (t.store_id, t.sales_date) = (c.store_id, c.sales_date);

    with locked as materialized (
        select s.store_id, s.sales_closed_until
        from retail.stores as s
        where s.store_id in (select c.store_id from unnest(v_changes) as c)
        order by s.store_id
        for key share
    )

    select array_agg(c) into v_changes
    from unnest(v_changes) as c
    join locked as l on l.store_id = c.store_id and l.sales_closed_until >= c.sales_date;
    if v_changes is not null then
        perform retail.change_closed_days(v_changes);
    end if;
    return null;
end
$$;

comment on function retail.roll_up_lines() is $comment$
Keep daily_sales, year_to_date_sales, daily_totals and the orders' totals exact when order lines are inserted,
updated, deleted or truncated.

Once a statement, from its transition tables. A moved order date arrives as an update of the lines, by cascade.
$comment$;

alter function retail.roll_up_lines() owner to zava_owner;
revoke all on function retail.roll_up_lines() from public;

create or replace trigger order_items_roll_up_insert
after insert on retail.order_items
referencing new table as new_lines
for each statement execute function retail.roll_up_lines();
comment on trigger order_items_roll_up_insert on retail.order_items is
'Keeps rollups and totals.';

create or replace trigger order_items_roll_up_update
after update on retail.order_items
referencing old table as old_lines new table as new_lines
for each statement execute function retail.roll_up_lines();
comment on trigger order_items_roll_up_update on retail.order_items is
'Keeps rollups and totals.';

create or replace trigger order_items_roll_up_delete
after delete on retail.order_items
referencing old table as old_lines
for each statement execute function retail.roll_up_lines();
comment on trigger order_items_roll_up_delete on retail.order_items is
'Keeps rollups and totals.';

create or replace trigger order_items_roll_up_truncate
after truncate on retail.order_items
for each statement execute function retail.roll_up_lines();
comment on trigger order_items_roll_up_truncate on retail.order_items is
'Keeps rollups and totals.';
