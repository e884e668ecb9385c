create or replace function retail.terms()
returns setof mcp_tool.term
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        t.word,
        t.meaning,
        t.subject,
        t.query
    from (
        values
        (
            'turnover, takings',
            'Revenue: what orders come to, net of discounts, in US dollars.',
            'retail.daily_totals',
            'select sum(d.net_amount) as turnover from retail.daily_totals as d'
        ),
        (
            'average basket',
            'Revenue per order, in US dollars.',
            'retail.daily_totals',
            'select round(sum(d.net_amount) / nullif(sum(d.order_count), 0), 2) as average_basket '
            'from retail.daily_totals as d'
        ),
        (
            'line',
            'One product within an order, whatever its quantity.',
            'retail.order_items',
            'select count(*) as lines from retail.order_items as i'
        ),
        (
            'regular',
            'A customer with three orders or more in the same store.',
            'retail.customer_sales',
            'select count(*) as regulars from retail.customer_sales as c where c.order_count >= 3'
        ),
        (
            'stock value',
            'Pieces in stock times list price, in US dollars. It is not what they cost.',
            'retail.inventory',
            'select sum(i.stock_level * p.base_price) as stock_value from retail.inventory as i '
            'inner join retail.products as p on p.product_id = i.product_id'
        ),
        (
            'shrinkage',
            'Stock that went without a sale: theft, breakage, a wrong count.',
            'adjust_inventory',
            null
        ),
        (
            'churn',
            'Customers who stayed away: the segments at_risk and lapsed.',
            'get_customer_analysis',
            null
        )
    ) as t (word, meaning, subject, query);
end;

comment on function retail.terms() is $comment$
Return the words of people about the shop: what they mean, and which table or tool has the answer. A query has run when
the catalogue was built.

@returns One row a word, as the hook terms wants it.
$comment$;

alter function retail.terms() owner to zava_owner;
revoke all on function retail.terms() from public;
grant execute on function retail.terms() to mcp_core;

select mcp_catalog.register_hook('terms', 'retail.terms()');
