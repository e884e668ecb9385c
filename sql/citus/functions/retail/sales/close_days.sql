create or replace function retail.close_days(until date default null, max_days integer default null)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
-- rather later than in the way of the sales
set lock_timeout = '2s'
as $$
declare
    v_isolation text;
    v_closed bigint := 0;
    v_store uuid;
    v_upto date;
    v_last date;
    v_to date;
    v_row record;
begin
    execute 'show transaction_isolation' into v_isolation;
    if v_isolation <> 'read committed' then
        -- an older snapshot would not have the sales that ended last
        raise invalid_transaction_state using
            message = 'days are closed at isolation level read committed alone';
    end if;
    if close_days.max_days < 1 then
        perform mcp_tool.invalid('max_days', '1 or more');
    end if;

    -- sales that run end first, and the next one waits: on a worker none can hold the store's row
    lock table retail.order_items in share row exclusive mode;
    for v_store, v_last in
        select
            s.store_id,
            least(close_days.until, (now() at time zone s.time_zone)::date - 1) as last_day
        from retail.stores as s
        order by s.store_id
    loop
        select s.sales_closed_until into v_upto
        from retail.stores as s
        where s.store_id = v_store
            and (s.sales_closed_until is null or s.sales_closed_until < v_last)
        for update;
        continue when not found;
        if v_upto is null then
            select min(d.sales_date) - 1 into v_upto
            from retail.daily_sales as d
            where d.store_id = v_store and d.sales_date <= v_last;
            v_upto := coalesce(v_upto, v_last - 1);
        end if;
        v_last := least(v_last, v_upto + close_days.max_days);
        v_closed := v_closed + (v_last - v_upto);

        -- year by year
        while v_upto < v_last loop
            v_to := least(
                v_last, date_trunc('year', (v_upto + 1)::timestamp) + interval '1 year -1 day'
            );
            -- row by row: what a query gives is sent by COPY, which row-level security refuses
            for v_row in
            with sold as (
                select
                    c.product_id,
                    c.sales_date,
                    sum(c.line_count) as line_count,
                    sum(c.units) as units,
                    sum(c.gross_amount) as gross_amount,
                    sum(c.discount_amount) as discount_amount
                from (
                    select
                        d.product_id, d.sales_date, d.line_count, d.units, d.gross_amount,
                        d.discount_amount
                    from retail.daily_sales as d
                    where d.store_id = v_store and d.sales_date between v_upto + 1 and v_to
                    union all
                    -- what the year has reached
                    select
                        y.product_id, v_upto + 1, y.line_count, y.units, y.gross_amount,
                        y.discount_amount
                    from retail.year_to_date_sales as y
                    where y.store_id = v_store and y.sales_date = v_upto
                        and extract(doy from v_upto + 1) > 1
                ) as c
                group by c.product_id, c.sales_date
            ),

            -- what a product reached on a day stands until it is sold again
            reached as (
                select
                    s.product_id,
                    s.sales_date,
                    lead(s.sales_date, 1, v_to + 1) over upto - 1 as to_date,
                    sum(s.line_count) over upto as line_count,
                    sum(s.units) over upto as units,
                    sum(s.gross_amount) over upto as gross_amount,
                    sum(s.discount_amount) over upto as discount_amount
                from sold as s
                window upto as (partition by s.product_id order by s.sales_date)
            )

            select
                v_store,
                r.sales_date + n.days as sales_date,
                r.product_id,
                r.line_count,
                r.units,
                r.gross_amount,
                r.discount_amount
            from reached as r
            cross join lateral generate_series(0, r.to_date - r.sales_date) as n(days)
            -- as they are read, so that a day's rows lie together
            order by sales_date, r.product_id
            loop
                insert into retail.year_to_date_sales (
                    store_id, sales_date, product_id, line_count, units, gross_amount,
                    discount_amount
                )
                values (
                    v_store, v_row.sales_date, v_row.product_id, v_row.line_count, v_row.units,
                    v_row.gross_amount, v_row.discount_amount
                );
            end loop;
            v_upto := v_to;
        end loop;
        update retail.stores set sales_closed_until = v_last where store_id = v_store;
    end loop;
    return v_closed;
end
$$;
