create or replace function retail.store_insights(metrics retail.store_metrics)
returns text[]
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with sentences (position, sentence) as (
        values
        (1, case
            when (metrics).orders = 0 then 'Nothing was sold in this period.'
            else format(
                'Revenue was %s from %s, %s an order.',
                retail.format_money((metrics).revenue),
                retail.format_count((metrics).orders, 'order'),
                retail.format_money((metrics).average_order_value)
            )
        end),
        (2, case
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
        end),
        (3, format(
            'The best day was %s with %s.',
            to_char((metrics).best_day, 'FMDay, FMDD FMMonth YYYY'),
            retail.format_money((metrics).best_day_revenue)
        )),
        (4, format(
            'The strongest category was %s with %s, %s %% of revenue.',
            (metrics).top_category,
            retail.format_money((metrics).top_category_revenue),
            round(
                100 * (metrics).top_category_revenue / nullif((metrics).revenue, 0), 1
            )
        )),
        (5, format(
            '%s bought %s.',
            retail.format_count((metrics).customers, 'customer'),
            retail.format_count((metrics).units, 'piece')
        )),
        (6, case
            when (metrics).margin is not null
                then format(
                    'Margin was %s, %s %% of revenue.',
                    retail.format_money((metrics).margin), (metrics).margin_percent
                )
        end)
    )

    select array_agg(s.sentence order by s.position)
    from sentences as s
    where s.sentence is not null and (s.position = 1 or (metrics).orders > 0);
end;

comment on function retail.store_insights(retail.store_metrics) is $comment$
Sentences that say what the figures of a store mean.

@param metrics  The figures.
@returns Sentences, the most important first.
$comment$;

alter function retail.store_insights(retail.store_metrics) owner to zava_tools;
revoke all on function retail.store_insights(retail.store_metrics) from public;
