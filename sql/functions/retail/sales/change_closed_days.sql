create or replace function retail.change_closed_days(changes retail.daily_sales[])
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- from here on it is cheaper to sum the days up again
    c_many constant integer := 500;
    v_sums retail.year_to_date_sales[];
begin
    if cardinality(changes) > c_many then
        -- others that sell there end first, since they took the days to be closed
        perform
        from retail.stores as s
        where s.store_id in (select c.store_id from unnest(changes) as c)
        order by s.store_id
        for update;
        with opened as (
            select c.store_id, min(c.sales_date) as from_date
            from unnest(changes) as c
            group by c.store_id
        ),

        left_open as (
            update retail.stores as s
            set sales_closed_until = o.from_date - 1
            from opened as o
            where s.store_id = o.store_id
        )

        delete from retail.year_to_date_sales as y
        using opened as o
        where y.store_id = o.store_id and y.sales_date >= o.from_date;
        return;
    end if;

    -- what they add to each day from theirs to the end of the year, below zero what they take away
    select array_agg(s.sums) into v_sums
    from (
        select
            row(
                c.store_id, c.sales_date + n.days, c.product_id, sum(c.line_count), sum(c.units),
                sum(c.gross_amount), sum(c.discount_amount), null
            )::retail.year_to_date_sales as sums
        from unnest(changes) as c
        join retail.stores as s on s.store_id = c.store_id
        cross join lateral generate_series(
            0,
            least(
                s.sales_closed_until,
                (date_trunc('year', c.sales_date::timestamp) + interval '1 year -1 day')::date
            ) - c.sales_date
        ) as n(days)
        group by c.store_id, c.sales_date + n.days, c.product_id
    ) as s
    where (s.sums).line_count <> 0 or (s.sums).units <> 0 or (s.sums).gross_amount <> 0
        or (s.sums).discount_amount <> 0;

    -- in key order, so that two sessions wait for each other instead of deadlocking
    insert into retail.year_to_date_sales as y
        (store_id, sales_date, product_id, line_count, units, gross_amount, discount_amount)
    select
        v.store_id, v.sales_date, v.product_id, v.line_count, v.units, v.gross_amount,
        v.discount_amount
    from unnest(v_sums) as v
    where v.line_count >= 0
    order by v.store_id, v.sales_date, v.product_id
    on conflict on constraint year_to_date_sales_pkey do update
    set line_count = y.line_count + excluded.line_count,
        units = y.units + excluded.units,
        gross_amount = y.gross_amount + excluded.gross_amount,
        discount_amount = y.discount_amount + excluded.discount_amount;

    update retail.year_to_date_sales as y
    set line_count = y.line_count + v.line_count,
        units = y.units + v.units,
        gross_amount = y.gross_amount + v.gross_amount,
        discount_amount = y.discount_amount + v.discount_amount
    from unnest(v_sums) as v
    where v.line_count < 0
        and (y.store_id, y.sales_date, y.product_id) = (v.store_id, v.sales_date, v.product_id);

    -- what has none left
    delete from retail.year_to_date_sales as y
    using unnest(v_sums) as v
    where v.line_count < 0 and y.line_count = 0
        and (y.store_id, y.sales_date, y.product_id) = (v.store_id, v.sales_date, v.product_id);
end
$$;

comment on function retail.change_closed_days(retail.daily_sales[]) is $comment$
Add what changed on closed days to their sums in retail.year_to_date_sales, and to those of the days after them; where
it is much, as when a store gets another time zone, open the days again for the next retail.close_days().

For retail.roll_up_lines(), which keeps the days from being closed meanwhile.

@param changes  What is added to days and products, below zero what is taken away; all days are closed.
$comment$;

alter function retail.change_closed_days(retail.daily_sales[]) owner to zava_owner;
revoke all on function retail.change_closed_days(retail.daily_sales[]) from public;
