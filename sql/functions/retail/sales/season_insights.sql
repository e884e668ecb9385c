create or replace function retail.season_insights(asked retail.report_period)
returns retail.insight[]
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with days as materialized (
        select
            d.day::date as day,
            coalesce(sum(t.net_amount), 0.00) as revenue
        from
            generate_series(
                (asked).from_date::timestamp, (asked).to_date::timestamp, interval '1 day'
            ) as d (day)
        left join retail.sold_days((asked).spans) as t on d.day::date = t.sales_date
        group by d.day
    ),

    whole as (
        select
            sum(d.revenue) as revenue,
            count(*) as days,
            (
                select t.revenue
                from
                    retail.total_sales(
                        array(
                            select
                                row(
                                    s.store_id,
                                    s.from_date - interval '1 year',
                                    s.to_date - interval '1 year'
                                )::retail.store_span
                            from unnest((asked).spans) as s
                        )
                    ) as t
            ) as last_year_revenue
        from days as d
    ),

    -- a day of the week or a month of the year, against the others
    parts as (
        select
            k.kind,
            k.name,
            round(avg(d.revenue), 2) as daily_revenue,
            row_number() over (
                partition by k.kind
                order by avg(d.revenue) desc, min(k.number)
            ) as rank,
            count(*) over (partition by k.kind) as parts,
            row_number() over (
                partition by k.kind
                order by avg(d.revenue), min(k.number) desc
            ) as rank_from_below
        from days as d
        cross join
            lateral (
                values
                ('weekday', to_char(d.day, 'FMDay'), extract(isodow from d.day)),
                ('month', to_char(d.day, 'FMMonth'), extract(month from d.day))
            ) as k (kind, name, number)
        group by k.kind, k.name
    ),

    outlook as (
        select
            c.name as category,
            w.weight,
            to_char(n.day, 'FMMonth') as month
        from (select (asked).today + interval '1 month') as n (day)
        inner join retail.category_seasonality as w on w.month = extract(month from n.day)
        inner join retail.categories as c on w.category_id = c.category_id
        order by w.weight desc, c.name
        limit 1
    ),

    sentences (position, sentence, figures) as (
        select
            1 as position,
            'Nothing was sold in this period.' as sentence,
            jsonb_build_object('revenue', w.revenue, 'days', w.days) as figures
        from whole as w
        where w.revenue = 0
        union all
        select
            2,
            format(
                'Revenue was %s, %s %% %s than on the same days a year before (%s).',
                retail.format_money(w.revenue),
                abs(mcp_tool.percent(w.revenue - w.last_year_revenue, w.last_year_revenue)),
                case when w.revenue >= w.last_year_revenue then 'higher' else 'lower' end,
                retail.format_money(w.last_year_revenue)
            ),
            jsonb_build_object(
                'revenue', w.revenue,
                'last_year_revenue', w.last_year_revenue,
                'change_percent',
                mcp_tool.percent(w.revenue - w.last_year_revenue, w.last_year_revenue)
            )
        from whole as w
        where w.last_year_revenue > 0 and w.days <= 366
        union all
        select
            case b.kind when 'month' then 3 else 4 end,
            format(
                '%s is the strongest %s with %s a day, %s the weakest with %s.',
                b.name,
                case b.kind when 'month' then 'month' else 'day of the week' end,
                retail.format_money(b.daily_revenue),
                l.name,
                retail.format_money(l.daily_revenue)
            ),
            jsonb_build_object(
                'strongest', b.name,
                'strongest_daily_revenue', b.daily_revenue,
                'weakest', l.name,
                'weakest_daily_revenue', l.daily_revenue
            )
        from parts as b
        inner join parts as l on b.kind = l.kind and l.rank_from_below = 1
        cross join whole as w
        where
            b.rank = 1
            and b.daily_revenue > l.daily_revenue
            -- one week at least, so that each day of it is there
            and (b.kind = 'month' or b.parts = 7)
            and w.revenue > 0
        union all
        select
            5,
            format(
                'In %s demand for %s is expected at %s times its average month, the most of all '
                'categories.',
                o.month, o.category, o.weight
            ),
            to_jsonb(o.*)
        from outlook as o
    )

    select array_agg(row(s.sentence, s.figures)::retail.insight order by s.position)
    from sentences as s;
end;

comment on function retail.season_insights(retail.report_period) is $comment$
Return sentences about the strong and the weak times of sales: against a year before, by month, by day of the week,
and what the next month is expected to bring.

@param asked  Stores and days.
@returns Sentences with their numbers; a comparison that the period is too short for is left out.
$comment$;

alter function retail.season_insights(retail.report_period) owner to mcp_tools;
revoke all on function retail.season_insights(retail.report_period) from public;
