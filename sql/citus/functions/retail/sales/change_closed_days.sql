create or replace function retail.change_closed_days(changes retail.daily_sales[])
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_change retail.daily_sales;
    v_last date;
    v_first date;
begin
    foreach v_change in array changes loop
        select least(
            s.sales_closed_until,
            (date_trunc('year', v_change.sales_date::timestamp) + interval '1 year -1 day')::date
        ) into v_last
        from retail.stores as s
        where s.store_id = v_change.store_id;
        -- the days of the year from the first on which the product was sold
        select min(y.sales_date) into v_first
        from retail.year_to_date_sales as y
        where y.store_id = v_change.store_id
            and y.product_id = v_change.product_id
            and y.sales_date between v_change.sales_date and v_last;
        update retail.year_to_date_sales as y
        set line_count = y.line_count + v_change.line_count,
            units = y.units + v_change.units,
            gross_amount = y.gross_amount + v_change.gross_amount,
            discount_amount = y.discount_amount + v_change.discount_amount
        where y.store_id = v_change.store_id
            and y.product_id = v_change.product_id
            and y.sales_date between v_change.sales_date and v_last;
        if v_change.line_count >= 0 then
            for v_days in 0 .. coalesce(v_first - 1, v_last) - v_change.sales_date loop
                insert into retail.year_to_date_sales
                    (store_id, sales_date, product_id, line_count, units, gross_amount, discount_amount)
                values (
                    v_change.store_id, v_change.sales_date + v_days, v_change.product_id,
                    v_change.line_count, v_change.units, v_change.gross_amount,
                    v_change.discount_amount
                );
            end loop;
        else
            -- what has none left
            delete from retail.year_to_date_sales as y
            where y.store_id = v_change.store_id
                and y.product_id = v_change.product_id
                and y.sales_date between v_change.sales_date and v_last
                and y.line_count = 0;
        end if;
    end loop;
end
$$;

comment on function retail.change_closed_days(retail.daily_sales[]) is $comment$
Add what changed on closed days to their sums in retail.year_to_date_sales, and to those of the days after them.

This is the form for a cluster: a worker may not write retail.stores, so no day is opened again.

For retail.roll_up_lines(), which keeps the days from being closed meanwhile.

@param changes  What is added to days and products, below zero what is taken away; all days are closed.
$comment$;
