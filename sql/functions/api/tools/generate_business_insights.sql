create or replace function api.generate_business_insights(
    analysis_type retail.analysis_type default 'summary',
    time_period retail.time_period default 'last_30_days',
    store_id uuid default null,
    from_date retail.business_day default null,
    to_date retail.business_day default null
)
returns retail.business_insights
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
begin atomic
    select
        row(
            generate_business_insights.analysis_type,
            a.from_date,
            a.to_date,
            case generate_business_insights.analysis_type
                when 'summary'
                    then retail.store_insights(retail.store_metrics(a.spans, a.previous_spans))
                when 'customer_segmentation'
                    then retail.customer_insights(retail.customer_analysis(a))
                when 'product_performance' then retail.product_insights(a)
                when 'seasonal_trends' then retail.season_insights(a)
            end
        )::retail.business_insights
    from
        retail.resolve_period(
            generate_business_insights.store_id,
            generate_business_insights.time_period,
            generate_business_insights.from_date,
            generate_business_insights.to_date
        ) as a;
end;

comment on function api.generate_business_insights(
    retail.analysis_type, retail.time_period, uuid, retail.business_day, retail.business_day
) is $comment$
Explain the business in sentences: a summary, highlights and findings for people to read.

Use it for a management summary, a briefing, a report for the board, key takeaways, what happened, or what is worth knowing
about customers, products or seasons.

@param analysis_type  (What to speak about.)
@param time_period    (Named period.)
@param store_id       (Null: all together.)
@param from_date      (Instead of time_period.)
@param to_date        (Null: today.)
@returns Sentences, the most important first, each with the numbers it rests on. Amounts are US dollars, revenue is net of discounts.
@error AUTHORIZATION_ERROR The store is outside your scope.
@error VALIDATION_ERROR from_date is after to_date or today.
@example "Write a short management summary of this year" -> generate_business_insights(time_period=this_year)
@example "What stands out at the moment?" -> generate_business_insights()
@example "Summarise last month" -> generate_business_insights(time_period=last_month)
@tool title="Business insights" group=sales cache=300s timeout=15s
$comment$;

alter function api.generate_business_insights(
    retail.analysis_type, retail.time_period, uuid, retail.business_day, retail.business_day
) owner to mcp_tools;
revoke all on function api.generate_business_insights(
    retail.analysis_type, retail.time_period, uuid, retail.business_day, retail.business_day
) from public;
grant execute on function api.generate_business_insights(
    retail.analysis_type, retail.time_period, uuid, retail.business_day, retail.business_day
) to mcp_core, store_managers, regional_managers, head_office;
