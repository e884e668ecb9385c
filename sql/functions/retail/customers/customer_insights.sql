create or replace function retail.customer_insights(analysis retail.customer_analysis)
returns retail.insight[]
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with sentences (position, sentence, figures) as (
        values
        (
            1,
            case
                when (analysis).customers = 0 then 'Nobody bought in this period.'
                else format(
                    '%s bought for %s, %s each.',
                    mcp_tool.format_count((analysis).customers, 'customer'),
                    retail.format_money((analysis).revenue),
                    retail.format_money((analysis).revenue_per_customer)
                )
            end,
            jsonb_build_object(
                'customers', (analysis).customers,
                'revenue', (analysis).revenue,
                'revenue_per_customer', (analysis).revenue_per_customer
            )
        ),
        (
            2,
            format(
                '%s %% of them are new and brought %s; the %s who had bought before brought %s.',
                mcp_tool.percent((analysis).new_customers, (analysis).customers),
                retail.format_money((analysis).new_revenue),
                mcp_tool.format_count((analysis).returning_customers, 'customer'),
                retail.format_money((analysis).returning_revenue)
            ),
            jsonb_build_object(
                'new_customers', (analysis).new_customers,
                'new_percent', mcp_tool.percent((analysis).new_customers, (analysis).customers),
                'new_revenue', (analysis).new_revenue,
                'returning_customers', (analysis).returning_customers,
                'returning_revenue', (analysis).returning_revenue
            )
        ),
        (
            3,
            format(
                '%s bought more than once, %s %% of all.',
                mcp_tool.format_count((analysis).repeat_customers, 'customer'),
                mcp_tool.percent((analysis).repeat_customers, (analysis).customers)
            ),
            jsonb_build_object(
                'repeat_customers', (analysis).repeat_customers,
                'repeat_percent',
                mcp_tool.percent((analysis).repeat_customers, (analysis).customers)
            )
        )
    ),

    every as (
        select s.*
        from sentences as s
        where s.position = 1 or (analysis).customers > 0
        union all
        select
            3 + g.position as position,
            format(
                '%s: %s, %s %% of all, with %s %% of revenue.',
                case g.segment
                    when 'champions' then 'Champions, who buy recently and much'
                    when 'loyal' then 'Loyal customers, who buy recently and more than a little'
                    when 'promising' then 'Promising customers, who buy recently but little'
                    when 'at_risk' then 'At risk, valuable but not seen recently'
                    else 'Lapsed customers, who bought little and not recently'
                end,
                mcp_tool.format_count(g.customers, 'customer'),
                g.customers_percent,
                g.revenue_percent
            ) as sentence,
            to_jsonb(g.*) - 'position' as figures
        from
            unnest((analysis).segments)
            with ordinality as g (
                segment, customers, customers_percent, orders, revenue, revenue_percent, position
            )
        where g.customers > 0
    )

    select array_agg(row(e.sentence, e.figures)::retail.insight order by e.position)
    from every as e;
end;

comment on function retail.customer_insights(retail.customer_analysis) is $comment$
Return sentences about the customers.

@param analysis  The figures.
@returns Sentences with their numbers; segments without customers are left out.
$comment$;

alter function retail.customer_insights(retail.customer_analysis) owner to mcp_tools;
revoke all on function retail.customer_insights(retail.customer_analysis) from public;
