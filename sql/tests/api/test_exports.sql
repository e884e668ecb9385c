-- What @tool export= gives of Zava's tools: the rows of all pages, or of the query, for whom they
-- are, and no others.
begin;
set local search_path = tests, ext, public;
select plan(18);
select tests.load_fixture();
select
    tests.sell('a', '2024-01-01', 'e1', 3, 10.00, 0, '1'),
    tests.sell('a', '2024-01-02', 'e1', 2, 10.00, 0, '2'),
    tests.sell('a', '2024-04-09', 'e1', 1, 10.00, 0, '3'),
    tests.sell('b', '2024-01-01', 'e1', 9, 10.00);

create temp table asked on commit drop as
select
    q.tool,
    q.who,
    q.arguments::jsonb as arguments,
    q.page_size
from (
    values
    ('list_customers', 'manager_a', '{"from_date": "2024-01-01", "to_date": "2024-04-09"}', 2),
    ('get_daily_sales', 'head', '{"from_date": "2024-01-01", "to_date": "2024-04-09"}', 2),
    ('get_sales_trends', 'head', '{"from_date": "2024-01-01", "to_date": "2024-04-09"}', 2),
    ('get_top_products', 'head', '{"from_date": "2024-01-01", "to_date": "2024-04-09"}', 2),
    -- the demo has thousands of them
    ('get_inventory_status', 'head', '{}', 400),
    ('get_restock_suggestions', 'head', '{}', 400)
) as q (tool, who, arguments, page_size);
select results_eq(
    'select a.tool from asked as a order by 1',
    'select t.name from mcp_catalog.tools as t where t.page_key is not null order by 1',
    'these tools give pages'
);
select is_empty(
    $$select from mcp_catalog.tools as t where t.page_key is not null and t.exports is null$$,
    'and each can be exported'
);
create temp table found on commit drop as
select
    a.tool,
    coalesce(
        tests.paged_rows(
            a.who, a.tool, a.arguments || jsonb_build_object('page_size', a.page_size)
        ),
        '[]'
    ) as pages,
    tests.exported(a.who, a.tool, a.arguments) as rows
from asked as a;
select is(f.rows, f.pages, format('%s: the rows of all pages', f.tool)) from found as f;
select cmp_ok(
    jsonb_array_length(f.rows), '>', 0, format('%s: there are some', f.tool)
) from found as f where f.tool not like 'get_restock%' and f.tool not like 'get_inventory%';

select
    is(
        (
            select array_agg(r ->> 'name')
            from
                tests.exported(
                    c.who, 'list_customers', '{"from_date": "2024-01-01", "to_date": "2024-04-09"}'
                ) as x (rows)
            cross join jsonb_array_elements(x.rows) as r
        ),
        c.names, format('%s: customers of the own store', c.who)
    )
from (
    values
    ('manager_a', array['Firsta Lasta', 'Firsta2 Lasta2', 'Firsta3 Lasta3']),
    ('manager_b', array['Firstb Lastb'])
) as c (who, names);
select is(
    tests.refusal('head', 'list_customers', '{"export": "csv"}') ->> 'constraint', 'unknown_tool',
    'who has no customers exports none'
);
select
    is(
        tests.exported(
            c.who, 'execute_sales_query',
            jsonb_build_object(
                'postgresql_query',
                'select count(*) as orders, sum(total_amount) as total from retail.orders'
            )
        ),
        c.rows::jsonb, format('%s: a query of the own rows', c.who)
    )
from (
    values
    ('manager_a', '[{"orders": 5, "total": 110.00}]'),
    ('manager_b', '[{"orders": 2, "total": 166.50}]'),
    ('nobody', '[{"orders": 0, "total": null}]')
) as c (who, rows);
select finish();
rollback;
