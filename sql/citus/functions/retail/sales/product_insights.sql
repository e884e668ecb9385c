create or replace function retail.product_insights(asked retail.report_period)
returns retail.insight[]
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_stocked uuid[] := retail.stocked_products(
        array(select n.store_id from unnest((product_insights.asked).spans) as n)
    );
begin
    return (
    with compared as materialized (
        select
            c.*,
            p.name
        from (
            select
                s.product_id,
                sum(s.units) as units,
                coalesce(sum(s.net_amount), 0.00) as revenue,
                coalesce(sum(s.previous_net_amount), 0.00) as previous_revenue
            from retail.compared_sales((asked).spans, (asked).previous_spans) as s
            group by s.product_id
        ) as c
        inner join retail.products as p on c.product_id = p.product_id
    ),

    -- not materialized: to go through them again is cheaper than to store and to rank them all
    sold as not materialized (
        select c.*
        from compared as c
        where c.units > 0
    ),

    -- chosen before their sentences are made
    best as (
        select s.*
        from sold as s
        order by s.revenue desc, s.name
        limit 1
    ),

    most as (
        select s.*
        from sold as s
        order by s.units desc, s.name
        limit 1
    ),

    totals as materialized (
        select
            count(*) as products,
            sum(s.revenue) as revenue
        from sold as s
    ),

    leaders as (
        select
            t.products,
            least(t.products, 10) as leaders,
            l.revenue,
            mcp_tool.percent(l.revenue, t.revenue) as revenue_percent
        from totals as t
        cross join (
            select sum(b.revenue) as revenue
            from (
                select s.revenue
                from sold as s
                order by s.revenue desc, s.name
                limit 10
            ) as b
        ) as l
    ),

    moved as not materialized (
        select
            c.name,
            c.revenue,
            c.previous_revenue,
            c.revenue - c.previous_revenue as change
        from compared as c
        where (asked).previous_spans is not null
    ),

    gained as (
        select m.*
        from moved as m
        where m.change > 0
        order by m.change desc, m.name
        limit 1
    ),

    lost as (
        select m.*
        from moved as m
        where m.change < 0
        order by m.change, m.name
        limit 1
    ),

    unsold as (
        select count(*) as products
        from retail.products as p
        where
            p.product_id not in (select s.product_id from sold as s)
            and p.product_id = any(v_stocked)
    ),

    sentences (position, sentence, figures) as (
        select
            1 as position,
            'Nothing was sold in this period.' as sentence,
            jsonb_build_object('products', 0, 'revenue', 0.00) as figures
        from totals as t
        where t.products = 0
        union all
        select
            2,
            format(
                'The best seller is %s with %s, %s %% of revenue.',
                s.name, retail.format_money(s.revenue), mcp_tool.percent(s.revenue, t.revenue)
            ),
            jsonb_build_object(
                'product', s.name,
                'revenue', s.revenue,
                'revenue_percent', mcp_tool.percent(s.revenue, t.revenue)
            )
        from best as s
        cross join totals as t
        union all
        select
            3,
            format(
                'Of %s the most units were sold: %s for %s.',
                s.name,
                mcp_tool.format_count(s.units::bigint, 'unit'),
                retail.format_money(s.revenue)
            ),
            jsonb_build_object('product', s.name, 'units', s.units, 'revenue', s.revenue)
        from most as s
        union all
        select
            4,
            format(
                '%s were sold; the %s strongest brought %s %% of revenue.',
                mcp_tool.format_count(l.products, 'product'), l.leaders, l.revenue_percent
            ),
            to_jsonb(l.*)
        from leaders as l
        where l.products > 1
        union all
        select
            5,
            format(
                '%s gained most: %s, %s more than in the period before.',
                m.name, retail.format_money(m.revenue), retail.format_money(m.change)
            ),
            jsonb_build_object(
                'product', m.name,
                'revenue', m.revenue,
                'previous_revenue', m.previous_revenue,
                'change', m.change
            )
        from gained as m
        union all
        select
            6,
            format(
                '%s lost most: %s, %s less than in the period before.',
                m.name, retail.format_money(m.revenue), retail.format_money(-m.change)
            ),
            jsonb_build_object(
                'product', m.name,
                'revenue', m.revenue,
                'previous_revenue', m.previous_revenue,
                'change', m.change
            )
        from lost as m
        union all
        select
            7,
            format(
                'Of %s in stock nothing was sold.', mcp_tool.format_count(u.products, 'product')
            ),
            jsonb_build_object('unsold_products', u.products)
        from unsold as u
        where u.products > 0
    )

    select array_agg(row(s.sentence, s.figures)::retail.insight order by s.position)
    from sentences as s
    );
end
$$;
