-- Head office's totals equal the sum of the stores' in every tool of analysis: what head office is
-- told of all stores is what their managers are told, added up. On the fixture and on whatever else
-- the database holds, which is the demo where there is one.
begin;
set local search_path = tests, ext, public;
select plan(27);
select tests.load_fixture();
select
    tests.sell('a', '2024-02-01', 'e1', 3, 10.00),
    tests.sell('a', '2024-02-29', 'e2', 2, 25.50, 1.00, '2'),
    tests.sell('b', '2024-02-01', 'e1', 20, 10.00),
    tests.sell('c', '2024-02-29', 'e2', 7, 25.50);

-- a manager for each store
insert into tests.credentials (who, credential)
select
    'store ' || s.store_id,
    mcp_auth.create_api_key(mcp_auth.add_user(s.name, 'store_managers', array[s.store_id::text]))
from retail.stores as s;

-- the numbers of an answer by name, each summed up over its rows, pages and segments
create function pg_temp.totals(who text, tool text, arguments jsonb, columns text [])
returns jsonb
language sql
return (
    select jsonb_object_agg(t.name, t.total)
    from (
        select
            c.name,
            sum((v.value #>> '{}')::numeric) as total
        from tests.pages(totals.who, totals.tool, totals.arguments) as p
        cross join unnest(totals.columns) as c (name)
        cross join
            lateral jsonb_path_query(
                p.answer, format('strict $.%s', c.name)::jsonpath, '{}', true
            ) as v (value)
        group by c.name
    ) as t
);

create temp table questions (
    tool text, arguments jsonb, columns text []
) on commit drop;
insert into questions (tool, arguments, columns)
select
    q.tool,
    q.arguments || p.arguments,
    q.columns
from (
    values
    (
        'get_store_performance', '{}'::jsonb,
        array[
            'metrics.revenue', 'metrics.orders', 'metrics.units', 'metrics.customers',
            'metrics.previous_revenue'
        ]
    ),
    (
        'get_daily_sales', '{"page_size": 1000}',
        array[
            'rows[*].orders', 'rows[*].units', 'rows[*].gross_amount', 'rows[*].discount_amount',
            'rows[*].revenue'
        ]
    ),
    ('get_top_products', '{"page_size": 1000}', array['rows[*].revenue', 'rows[*].units']),
    ('get_category_performance', '{}', array['rows[*].revenue', 'rows[*].units']),
    (
        'get_customer_analysis', '{}',
        array[
            'customers', 'new_customers', 'returning_customers', 'repeat_customers', 'orders',
            'revenue', 'new_revenue', 'returning_revenue', 'segments[0].customers',
            'segments[1].customers', 'segments[2].customers', 'segments[3].customers',
            'segments[4].customers', 'segments[*].orders', 'segments[*].revenue'
        ]
    ),
    (
        'generate_business_insights', '{"analysis_type": "summary"}',
        array[
            'insights[0].figures.revenue', 'insights[0].figures.orders'
        ]
    ),
    (
        'generate_business_insights', '{"analysis_type": "customer_segmentation"}',
        array['insights[0].figures.customers', 'insights[0].figures.revenue']
    )
) as q (tool, arguments, columns)
cross join (
    values
    ('{"time_period": "last_12_months"}'::jsonb),
    ('{"from_date": "2024-02-01", "to_date": "2024-02-29"}')
) as p (arguments);
-- the stores' months are the same, since their days are: not so where a day is the first of a month
-- in one store and not yet in another
insert into questions (tool, arguments, columns)
select
    'get_sales_trends',
    '{"page_size": 1000, "granularity": "month"}' || p.arguments,
    array['rows[*].revenue', 'rows[*].orders', 'rows[*].units', 'rows[*].last_year_revenue']
from (
    select
        jsonb_build_object(
            'from_date', min(n.today) - 364, 'to_date', min(n.today)
        ) as arguments
    from retail.stores as s
    cross join lateral (select (now() at time zone s.time_zone)::date) as n (today)
    union all
    select '{"from_date": "2024-02-01", "to_date": "2024-02-29"}'
) as p;
insert into questions (tool, arguments, columns)
values
(
    'get_inventory_status', '{"page_size": 1000, "rate_days": 365}',
    array['rows[*].stock_level', 'rows[*].daily_units']
),
(
    'get_restock_suggestions', '{"page_size": 1000, "rate_days": 365}',
    array['rows[*].stock_level', 'rows[*].suggested_units']
);

select
    is(
        h.totals,
        (
            select jsonb_object_agg(t.name, t.total)
            from (
                select
                    e.key as name,
                    sum(e.value::numeric) as total
                from retail.stores as s
                cross join
                    lateral jsonb_each_text(
                        pg_temp.totals('store ' || s.store_id, q.tool, q.arguments, q.columns)
                    ) as e
                group by e.key
            ) as t
        ),
        format('%s %s', q.tool, q.arguments)
    )
from questions as q
cross join lateral pg_temp.totals('head', q.tool, q.arguments, q.columns) as h (totals);

-- the tool that puts the stores side by side says what each store's manager is told
select
    results_eq(
        format(
            $$
            select
                (r ->> 'store_id')::uuid, r -> 'revenue', r -> 'orders', r -> 'units',
                r -> 'previous_revenue', r -> 'average_order_value', r -> 'change_percent'
            from jsonb_array_elements(tests.call('head', 'compare_stores', %L) -> 'rows') as r
            order by 1
            $$, p.arguments
        ),
        format(
            $$
            select
                s.store_id, m -> 'revenue', m -> 'orders', m -> 'units', m -> 'previous_revenue',
                m -> 'average_order_value', m -> 'revenue_change_percent'
            from retail.stores as s
            cross join lateral (
                select tests.call('store ' || s.store_id, 'get_store_performance', %L) -> 'metrics'
            ) as c (m)
            order by s.store_id
            $$, p.arguments
        ),
        format('compare_stores %s', p.arguments)
    )
from (
    values
    ('{"time_period": "last_12_months"}'), ('{"time_period": "all_time"}'),
    ('{"from_date": "2024-02-01", "to_date": "2024-02-29"}')
) as p (arguments);

-- and the totals are what the orders and their lines hold
select is(
    pg_temp.totals(
        'head', 'get_daily_sales', '{"time_period": "all_time", "page_size": 1000}',
        array['rows[*].orders', 'rows[*].revenue']
    ),
    (
        select
            jsonb_build_object(
                'rows[*].orders', count(*), 'rows[*].revenue', sum(o.total_amount)
            )
        from retail.orders as o
    ),
    'get_daily_sales: all orders'
);
select is(
    pg_temp.totals(
        'head', 'get_top_products', '{"time_period": "all_time", "page_size": 1000}',
        array['rows[*].units', 'rows[*].revenue', 'rows[*].margin']
    ),
    (
        select
            jsonb_build_object(
                'rows[*].units', sum(i.quantity),
                'rows[*].revenue', sum(i.line_amount),
                'rows[*].margin', sum(i.line_amount - i.quantity * k.cost)
            )
        from retail.order_items as i
        inner join retail.product_costs as k on i.product_id = k.product_id
    ),
    'get_top_products: all lines, and what they cost'
);
select
    is(
        (
            select sum((r ->> 'margin')::numeric)
            from jsonb_array_elements(tests.call('head', t.tool, t.arguments) -> 'rows') as r
        ),
        (tests.call('head', 'get_store_performance', t.arguments) #>> '{metrics,margin}')::numeric,
        format('%s: its margins are that of get_store_performance', t.tool)
    )
from (
    values
    ('compare_stores', '{"time_period": "last_12_months"}'::jsonb),
    ('get_category_performance', '{"time_period": "last_12_months"}')
) as t (tool, arguments);
select is(
    pg_temp.totals(
        'head', 'get_customer_analysis', '{"time_period": "all_time"}',
        array['customers', 'orders', 'revenue']
    ),
    (
        select
            jsonb_build_object(
                'customers', count(distinct row(o.store_id, o.customer_id)),
                'orders', count(*),
                'revenue', sum(o.total_amount)
            )
        from retail.orders as o
    ),
    'get_customer_analysis: every customer who ever bought, once'
);
select is(
    pg_temp.totals(
        'head', 'get_inventory_status', '{"page_size": 1000}', array['rows[*].stock_level']
    ),
    (
        select jsonb_build_object('rows[*].stock_level', sum(i.stock_level))
        from retail.inventory as i
    ),
    'get_inventory_status: all stock'
);

select finish();
rollback;
