create or replace function retail.store_insights(metrics retail.store_metrics)
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
                when (metrics).orders = 0 then 'Nothing was sold in this period.'
                else format(
                    'Revenue was %s from %s, %s an order.',
                    retail.format_money((metrics).revenue),
                    mcp_tool.format_count((metrics).orders, 'order'),
                    retail.format_money((metrics).average_order_value)
                )
            end,
            jsonb_build_object(
                'revenue', (metrics).revenue,
                'orders', (metrics).orders,
                'average_order_value', (metrics).average_order_value
            )
        ),
        (
            2,
            case
                when (metrics).revenue_change_percent is null then null
                when
                    (metrics).revenue_change_percent = 0
                    then 'Revenue is the same as in the period before.'
                else format(
                    'Revenue is %s %% %s than in the period before, when it was %s.',
                    abs((metrics).revenue_change_percent),
                    case when (metrics).revenue_change_percent > 0 then 'higher' else 'lower' end,
                    retail.format_money((metrics).previous_revenue)
                )
            end,
            jsonb_build_object(
                'revenue', (metrics).revenue,
                'previous_revenue', (metrics).previous_revenue,
                'change_percent', (metrics).revenue_change_percent
            )
        ),
        (
            3,
            format(
                'The best day was %s with %s.',
                to_char((metrics).best_day, 'FMDay, FMDD FMMonth YYYY'),
                retail.format_money((metrics).best_day_revenue)
            ),
            jsonb_build_object('day', (metrics).best_day, 'revenue', (metrics).best_day_revenue)
        ),
        (
            4,
            format(
                'The strongest category was %s with %s, %s %% of revenue.',
                (metrics).top_category,
                retail.format_money((metrics).top_category_revenue),
                mcp_tool.percent((metrics).top_category_revenue, (metrics).revenue)
            ),
            jsonb_build_object(
                'category', (metrics).top_category,
                'revenue', (metrics).top_category_revenue,
                'revenue_percent',
                mcp_tool.percent((metrics).top_category_revenue, (metrics).revenue)
            )
        ),
        (
            5,
            format(
                '%s bought %s.',
                mcp_tool.format_count((metrics).customers, 'customer'),
                mcp_tool.format_count((metrics).units, 'unit')
            ),
            jsonb_build_object('customers', (metrics).customers, 'units', (metrics).units)
        ),
        (
            6,
            case
                when (metrics).margin is not null
                    then format(
                        'Margin was %s, %s %% of revenue.',
                        retail.format_money((metrics).margin), (metrics).margin_percent
                    )
            end,
            jsonb_build_object(
                'margin', (metrics).margin, 'margin_percent', (metrics).margin_percent
            )
        )
    )

    select array_agg(row(s.sentence, s.figures)::retail.insight order by s.position)
    from sentences as s
    where s.sentence is not null and (s.position = 1 or (metrics).orders > 0);
end;

comment on function retail.store_insights(retail.store_metrics) is $comment$
Return sentences about the figures of a store.

@param metrics  The figures.
@returns Sentences with their numbers, the most important first.
$comment$;

alter function retail.store_insights(retail.store_metrics) owner to mcp_tools;
revoke all on function retail.store_insights(retail.store_metrics) from public;
