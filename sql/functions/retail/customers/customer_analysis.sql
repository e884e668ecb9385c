create or replace function retail.customer_analysis(asked retail.report_period)
returns retail.customer_analysis
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with active as materialized (
        select a.*
        from retail.customer_activity((customer_analysis.asked).spans) as a
    ),

    whole as (
        select
            count(*) as customers,
            count(*) filter (where a.is_new) as new_customers,
            count(*) filter (where not a.is_new) as returning_customers,
            count(*) filter (where a.orders > 1) as repeat_customers,
            coalesce(sum(a.orders), 0)::bigint as orders,
            coalesce(sum(a.revenue), 0.00) as revenue,
            coalesce(sum(a.revenue) filter (where a.is_new), 0.00) as new_revenue,
            coalesce(sum(a.revenue) filter (where not a.is_new), 0.00) as returning_revenue
        from active as a
    ),

    parts as (
        select
            g.segment,
            count(a.customer_id) as customers,
            coalesce(sum(a.orders), 0)::bigint as orders,
            coalesce(sum(a.revenue), 0.00) as revenue
        from unnest(enum_range(null::retail.customer_segment)) as g (segment)
        left join active as a on g.segment = a.segment
        group by g.segment
    )

    select
        row(
            (customer_analysis.asked).from_date,
            (customer_analysis.asked).to_date,
            w.customers,
            w.new_customers,
            w.returning_customers,
            w.repeat_customers,
            w.orders,
            w.revenue,
            w.new_revenue,
            w.returning_revenue,
            round(w.revenue / nullif(w.customers, 0), 2),
            round(w.orders::numeric / nullif(w.customers, 0), 2),
            (
                select
                    array_agg(
                        row(
                            p.segment,
                            p.customers,
                            mcp_tool.percent(p.customers, w.customers),
                            p.orders,
                            p.revenue,
                            mcp_tool.percent(p.revenue, w.revenue)
                        )::retail.segment_summary
                        order by p.segment
                    )
                from parts as p
            )
        )::retail.customer_analysis
    from whole as w;
end;

comment on function retail.customer_analysis(retail.report_period) is $comment$
Return who bought: new and returning customers, and the segments of retail.customer_activity.

@param asked  Stores and days.
@returns One row, zeros where nobody bought.
$comment$;

alter function retail.customer_analysis(retail.report_period) owner to mcp_tools;
revoke all on function retail.customer_analysis(retail.report_period) from public;
