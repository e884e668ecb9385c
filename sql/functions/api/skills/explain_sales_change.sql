create or replace function api.explain_sales_change()
returns text
language sql
immutable
security definer
set search_path = pg_catalog, pg_temp
return '# Explain a change of sales

Work from the total to the cause. Stop as soon as the figures explain the change. Use the same
store_id and the same period in every call.

1. **How large is it?** Call get_store_performance. It has the change against the period before:
   of revenue, orders and average order value. A change below 3 % is noise: say so, and stop.
2. **When did it begin?** Call get_sales_trends with granularity week. If one week differs, call
   get_daily_sales for it: one day with no sales is a closed store, not a trend.
3. **Fewer customers, or smaller baskets?** Orders fell: fewer came. The average order value fell:
   they bought less or cheaper. Say which; the remedies differ.
4. **Where is it?** Call get_category_performance. Name the categories that make up most of the
   change in US dollars, not those with the largest percentage.
5. **Which products?** Call get_top_products for the category, for this period and, by from_date and
   to_date, for the one before it. A product that is gone from the list is the first suspect.
6. **Could it be sold?** Call get_inventory_status for the category. A product that is out of stock
   explains a loss: name it.

## The answer

- One sentence with the change in percent and US dollars, and the main cause.
- A table with at most five rows: category or product, before, now, difference.
- One thing to do. Say what the figures cannot show: weather, competitors, advertising.

Do not compare a period that is still running with a complete one: use last_7_days or last_month,
not this_month. Seasons matter: compare with a year ago before you call a decline a problem.
';

comment on function api.explain_sales_change() is $comment$
Find out why sales, revenue or orders rose or fell, and how to answer.

Use it when somebody asks for the reason of a good or bad week, month or quarter. It says which figures to read, in which
order.

@skill title="Explain a change of sales"
$comment$;

alter function api.explain_sales_change() owner to mcp_tools;
revoke all on function api.explain_sales_change() from public;
grant execute on function api.explain_sales_change()
to mcp_core, store_managers, regional_managers, head_office;
