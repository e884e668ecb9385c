create or replace function retail.change_day(change retail.daily_sales)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    if change.line_count >= 0 then
        insert into retail.daily_sales as d
            (store_id, sales_date, product_id, line_count, units, gross_amount, discount_amount)
        values (
            change.store_id, change.sales_date, change.product_id, change.line_count, change.units,
            change.gross_amount, change.discount_amount
        )
        on conflict (store_id, sales_date, product_id) do update
        set line_count = d.line_count + excluded.line_count,
            units = d.units + excluded.units,
            gross_amount = d.gross_amount + excluded.gross_amount,
            discount_amount = d.discount_amount + excluded.discount_amount;
        insert into retail.daily_totals as t
            (store_id, sales_date, order_count, line_count, units, gross_amount, discount_amount)
        values (
            change.store_id, change.sales_date, 0, change.line_count, change.units,
            change.gross_amount, change.discount_amount
        )
        on conflict (store_id, sales_date) do update
        set line_count = t.line_count + excluded.line_count,
            units = t.units + excluded.units,
            gross_amount = t.gross_amount + excluded.gross_amount,
            discount_amount = t.discount_amount + excluded.discount_amount;
        return;
    end if;
    update retail.daily_sales as d
    set line_count = d.line_count + change.line_count,
        units = d.units + change.units,
        gross_amount = d.gross_amount + change.gross_amount,
        discount_amount = d.discount_amount + change.discount_amount
    where d.store_id = change.store_id
        and d.sales_date = change.sales_date
        and d.product_id = change.product_id;
    update retail.daily_totals as t
    set line_count = t.line_count + change.line_count,
        units = t.units + change.units,
        gross_amount = t.gross_amount + change.gross_amount,
        discount_amount = t.discount_amount + change.discount_amount
    where t.store_id = change.store_id and t.sales_date = change.sales_date;
    -- what has none left
    delete from retail.daily_sales as d
    where d.store_id = change.store_id
        and d.sales_date = change.sales_date
        and d.product_id = change.product_id
        and d.line_count = 0;
    delete from retail.daily_totals as t
    where t.store_id = change.store_id
        and t.sales_date = change.sales_date
        and t.line_count = 0
        and t.order_count = 0;
end
$$;

comment on function retail.change_day(retail.daily_sales) is $comment$
Add to the sums of one day and product, and to those of the day, on the worker of the store.

For retail.roll_up_lines() on a cluster.

@param change  What is added, below zero what is taken away.
$comment$;

alter function retail.change_day(retail.daily_sales) owner to zava_owner;
revoke all on function retail.change_day(retail.daily_sales) from public;
