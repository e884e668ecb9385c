create or replace function retail.roll_up_lines()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- the statement's changes, the old lines with a minus sign
    v_changes text := case tg_op
        when 'INSERT' then 'select 1 as sign, n.* from new_lines as n'
        when 'DELETE' then 'select -1 as sign, o.* from old_lines as o'
        when 'UPDATE' then
            'select 1 as sign, n.* from new_lines as n union all select -1 as sign, o.* from old_lines as o'
    end;
    v_sums text := format(
        $sql$
        select
            c.store_id,
            c.order_date,
            c.product_id,
            sum(c.sign) as lines,
            sum(c.sign * c.quantity) as units,
            sum(c.sign * c.quantity * c.unit_price) as gross,
            sum(c.sign * c.discount_amount) as discount
        from (%s) as c
        group by c.store_id, c.order_date, c.product_id
        $sql$, v_changes
    );
begin
    if tg_op = 'TRUNCATE' then
        delete from retail.daily_sales;
        update retail.orders set total_amount = 0 where total_amount <> 0;
        return null;
    end if;

    -- in key order, so that two sessions wait for each other instead of deadlocking
    execute format(
        $sql$
        insert into retail.daily_sales as d
            (store_id, sales_date, product_id, line_count, units, gross_amount, discount_amount)
        select s.store_id, s.order_date, s.product_id, s.lines, s.units, s.gross, s.discount
        from (%s) as s
        where s.lines >= 0
        order by s.store_id, s.order_date, s.product_id
        on conflict on constraint daily_sales_pkey do update
        set line_count = d.line_count + excluded.line_count,
            units = d.units + excluded.units,
            gross_amount = d.gross_amount + excluded.gross_amount,
            discount_amount = d.discount_amount + excluded.discount_amount
        $sql$, v_sums
    );
    if tg_op <> 'INSERT' then
        execute format(
            $sql$
            update retail.daily_sales as d
            set line_count = d.line_count + s.lines,
                units = d.units + s.units,
                gross_amount = d.gross_amount + s.gross,
                discount_amount = d.discount_amount + s.discount
            from (%s) as s
            where s.lines < 0
                and (d.store_id, d.sales_date, d.product_id) = (s.store_id, s.order_date, s.product_id)
            $sql$, v_sums
        );
        execute format(
            $sql$
            delete from retail.daily_sales as d
            using (%s) as s
            where d.line_count = 0
                and (d.store_id, d.sales_date, d.product_id) = (s.store_id, s.order_date, s.product_id)
            $sql$, v_sums
        );
    end if;

    -- the locked orders are summed by the next statement, which sees what other sessions committed meanwhile
    execute format(
        $sql$
        select from retail.orders as o
        where (o.store_id, o.order_id) in (select c.store_id, c.order_id from (%s) as c)
        order by o.store_id, o.order_id
        for no key update
        $sql$, v_changes
    );
    execute format(
        $sql$
        update retail.orders as o
        set total_amount = t.total
        from (
            select k.store_id, k.order_id, coalesce(sum(i.line_amount), 0) as total
            from (select distinct c.store_id, c.order_id from (%s) as c) as k
            left join retail.order_items as i using (store_id, order_id)
            group by k.store_id, k.order_id
        ) as t
        where o.store_id = t.store_id and o.order_id = t.order_id and o.total_amount <> t.total
        $sql$, v_changes
    );
    return null;
end
$$;

comment on function retail.roll_up_lines() is $comment$
Keep retail.daily_sales and the orders' totals exact when order lines are inserted, updated, deleted or truncated.

Once a statement, from its transition tables. A moved order date arrives as an update of the lines, by cascade.
$comment$;

alter function retail.roll_up_lines() owner to zava_owner;
revoke all on function retail.roll_up_lines() from public;

create or replace trigger order_items_roll_up_insert
after insert on retail.order_items
referencing new table as new_lines
for each statement execute function retail.roll_up_lines();
comment on trigger order_items_roll_up_insert on retail.order_items is
'Keeps daily_sales and totals.';

create or replace trigger order_items_roll_up_update
after update on retail.order_items
referencing old table as old_lines new table as new_lines
for each statement execute function retail.roll_up_lines();
comment on trigger order_items_roll_up_update on retail.order_items is
'Keeps daily_sales and totals.';

create or replace trigger order_items_roll_up_delete
after delete on retail.order_items
referencing old table as old_lines
for each statement execute function retail.roll_up_lines();
comment on trigger order_items_roll_up_delete on retail.order_items is
'Keeps daily_sales and totals.';

create or replace trigger order_items_roll_up_truncate
after truncate on retail.order_items
for each statement execute function retail.roll_up_lines();
comment on trigger order_items_roll_up_truncate on retail.order_items is
'Keeps daily_sales and totals.';
