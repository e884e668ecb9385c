-- Zava's resources (store_list, store_report, table_list, table_schema), prompts and completions
-- (complete_store_name, complete_store_id, complete_category, complete_table_name): what each
-- returns, on fixed data, to whom.
begin;
set local search_path = tests, ext, public;
select plan(49);
select tests.load_fixture();

create function pg_temp.read(who text, uri text)
returns jsonb
language sql
volatile
return (mcp.read_resource(tests.credential(read.who), read.uri) #>> '{contents,0,text}')::jsonb;
create function pg_temp.prompt(who text, prompt text, arguments jsonb default '{}')
returns jsonb
language sql
volatile
return mcp.get_prompt(tests.credential(prompt.who), prompt.prompt, prompt.arguments) -> 'messages';
create function pg_temp.completed(who text, target text, typed text)
returns jsonb
language sql
volatile
return mcp.complete(
    tests.credential(completed.who),
    case
        when completed.target like '%://%'
            then jsonb_build_object(
                'type', 'ref/resource', 'uri', split_part(completed.target, ' ', 1)
            )
        else jsonb_build_object('type', 'ref/prompt', 'name', split_part(completed.target, ' ', 1))
    end,
    jsonb_build_object('name', split_part(completed.target, ' ', 2), 'value', completed.typed)
) #> '{completion,values}';
create function pg_temp.refused(statement text)
returns jsonb
language sql
volatile
return tests.error_of(refused.statement) - 'hint' - 'code';
create function pg_temp.day(letter text, days_ago integer)
returns date
language sql
stable
return (tests.noon(day.letter, day.days_ago) at time zone 'UTC')::date;

-- zava://stores
select is(
    pg_temp.read('manager_a', 'zava://stores'),
    '{
        "rows": [{
            "store_id": "00000000-0000-7000-8000-00000000000a",
            "name": "Test Store A",
            "location": "Testville",
            "region": "Test North",
            "time_zone": "America/Los_Angeles",
            "is_online": false,
            "report": "zava://stores/00000000-0000-7000-8000-00000000000a/report"
        }],
        "row_count": 1,
        "truncated": false
    }',
    'the stores of a manager'
);
select
    is(
        jsonb_path_query_array(
            pg_temp.read(w.who, 'zava://stores'), '$.rows[*].name ? (@ starts with "Test")'
        ),
        w.stores::jsonb,
        format('the stores of %s', w.who)
    )
from (
    values
    ('regional', '["Test Store A", "Test Store B"]'),
    ('head', '["Test Store A", "Test Store B", "Test Store C"]'),
    ('nobody', '[]')
) as w (who, stores);

-- zava://stores/{store_id}/report
select is(
    pg_temp.read('manager_a', 'zava://stores/' || tests.store('a') || '/report') - 'day',
    '{
        "store": "Test Store A",
        "revenue": 40.00,
        "revenue_a_week_before": 0.00,
        "orders": 1,
        "units": 3,
        "best_sellers": [
            {"product": "Test Quuxhammer", "units": 2, "revenue": 20.00},
            {"product": "Test Quuxpaint", "units": 1, "revenue": 20.00}
        ],
        "out_of_stock": 1
    }',
    'the report of store a, yesterday'
);
select
    is(
        pg_temp.read('head', 'zava://stores/' || tests.store(s.letter) || '/report') ->> 'day',
        (
            select ((now() at time zone t.time_zone)::date - 1)::text
            from retail.stores as t
            where t.store_id = tests.store(s.letter)
        ),
        format('yesterday where store %s is', s.letter)
    )
from unnest(array['a', 'c']) as s (letter);
select is(
    pg_temp.read('head', 'zava://stores/' || tests.store('b') || '/report') - 'day',
    '{"store": "Test Store B", "revenue": 0.00, "revenue_a_week_before": 0.00, "orders": 0,
    "units": 0,
    "best_sellers": [], "out_of_stock": 0}',
    'a day without sales: those of store b are of the day before'
);
update retail.orders set ordered_at = tests.noon('b', 8)
where store_id = tests.store('b');
select is(
    pg_temp.read('regional', 'zava://stores/' || tests.store('b') || '/report')
    ->> 'revenue_a_week_before',
    '76.50',
    'the same day of the week before'
);
select
    is(
        pg_temp.refused(format('select pg_temp.read(%L, %L)', r.who, r.uri)),
        jsonb_build_object(
            'message', 'unknown resource: ' || r.uri, 'column', '', 'constraint', 'unknown_resource'
        ),
        format('unknown to %s: %s', r.who, r.uri)
    )
from (
    values
    ('manager_a', 'zava://stores/' || tests.store('b') || '/report'),
    ('regional', 'zava://stores/' || tests.store('c') || '/report'),
    ('nobody', 'zava://stores/' || tests.store('a') || '/report'),
    ('head', 'zava://stores/00000000-0000-7000-8000-000000000000/report'),
    ('manager_a', 'zava://tables/product_costs/schema'),
    ('head', 'zava://tables/customers/schema'),
    ('head', 'zava://tables/no/schema'),
    ('head', 'zava://tables/auth.users/schema')
) as r (who, uri);

-- zava://tables
select
    is(
        jsonb_path_query_array(pg_temp.read(w.who, 'zava://tables'), '$.rows[*].table_name')
        ? 'retail.product_costs',
        w.expected,
        format('costs in the tables of %s: %s', w.who, w.expected)
    )
from (values ('head', true), ('manager_a', false)) as w (who, expected);
select is(
    jsonb_path_query_first(
        pg_temp.read('head', 'zava://tables'), '$.rows[*] ? (@.table_name == "retail.regions")'
    ),
    jsonb_build_object(
        'table_name', 'retail.regions',
        'description', obj_description('retail.regions'::regclass),
        'schema', 'zava://tables/retail.regions/schema'
    ),
    'a table, with the address of its schema'
);
select
    is(
        pg_temp.read('head', 'zava://tables/' || n.name || '/schema'),
        tests.call('head', 'get_multiple_table_schemas', '{"table_names": ["regions"]}')
        #> '{tables,0}',
        format('the schema of %s', n.name)
    )
from unnest(array['regions', 'retail.regions', 'REGIONS']) as n (name);

-- weekly_review
select is(
    (pg_temp.prompt('regional', 'weekly_review') #>> '{1,content,text}')::jsonb,
    jsonb_build_array(
        jsonb_build_object(
            'store', 'Test Store A', 'from', pg_temp.day('a', 7), 'to', pg_temp.day('a', 1),
            'revenue', 40.00, 'revenue_week_before', 0.00, 'units', 3, 'units_week_before', 0
        ),
        jsonb_build_object(
            'store', 'Test Store B', 'from', pg_temp.day('b', 7), 'to', pg_temp.day('b', 1),
            'revenue', 0.00, 'revenue_week_before', 76.50, 'units', 0, 'units_week_before', 3
        )
    ),
    'the figures of both stores of the region; store c, which sold for 10.00, is not in it'
);
select
    is(
        pg_temp.prompt(r.who, 'weekly_review', jsonb_build_object('store', r.store))
        #>> '{1,content,text}' like '%' || r.store || '%',
        true,
        format('the review of %s for %s', r.store, r.who)
    )
from (values ('manager_a', 'Test Store A'), ('head', 'Test Store C')) as r (who, store);
select
    is(
        pg_temp.refused(
            format(
                'select pg_temp.prompt(%L, %L, %L)',
                r.who,
                r.prompt,
                jsonb_build_object(r.name, r.value)
            )
        ),
        jsonb_build_object(
            'message',
            r.name || ' must be ' || r.expected,
            'column',
            r.name,
            'constraint',
            r.expected
        ),
        format('refused for %s: %s %s', r.who, r.prompt, r.value)
    )
from (
    values
    ('manager_a', 'weekly_review', 'store', 'Test Store B', 'the name of a store that you may see'),
    ('manager_a', 'weekly_review', 'store', 'No Store', 'the name of a store that you may see'),
    ('manager_a', 'restock_plan', 'store', 'Test Store B', 'the name of a store that you may see'),
    (
        'manager_a', 'restock_plan', 'category', 'No',
        (select 'one of ' || string_agg(c.name, ', ' order by c.name) from retail.categories as c)
    ),
    (
        'manager_a',
        'find_products_for',
        'project',
        ' ',
        'text of 1 to 500 characters, not only blanks'
    )
) as r (who, prompt, name, value, expected);

-- restock_plan: what get_restock_suggestions says, by its rule: store a sells a hammer a day of the
-- seven it has, store b every third day one of five
select
    tests.sell('a', (now() at time zone 'America/Los_Angeles')::date - 90, 'e1', 87, 10.00),
    tests.sell('b', (now() at time zone 'America/Los_Angeles')::date - 5, 'e1', 30, 10.00);
select
    is(
        (pg_temp.prompt(p.who, 'restock_plan', p.arguments::jsonb) #>> '{1,content,text}')::jsonb,
        p.expected::jsonb,
        format('to restock for %s: %s', p.who, p.arguments)
    )
from (
    values
    (
        'manager_a', '{}',
        '[{"store": "Test Store A", "sku": "TEST-PAINT", "product": "Test Quuxpaint", "stock": 0,
        "daily_units": 0.01, "days_left": 0.0, "order": 1},
        {"store": "Test Store A", "sku": "TEST-HAMMER", "product": "Test Quuxhammer", "stock": 7,
        "daily_units": 1.00, "days_left": 7.0, "order": 23}]'
    ),
    (
        'manager_b', '{"category": "test tools"}',
        '[{"store": "Test Store B", "sku": "TEST-HAMMER", "product": "Test Quuxhammer", "stock": 5,
        "daily_units": 0.33, "days_left": 15.0, "order": 5}]'
    ),
    (
        'head', '{"category": "Test Paints", "store": " test store a "}',
        '[{"store": "Test Store A", "sku": "TEST-PAINT", "product": "Test Quuxpaint", "stock": 0,
        "daily_units": 0.01, "days_left": 0.0, "order": 1}]'
    ),
    ('nobody', '{}', '[]')
) as p (who, arguments, expected);
select is(
    (
        select
            jsonb_agg(
                concat_ws(' ', n ->> 'store', n ->> 'sku', n ->> 'days_left', n ->> 'order')
                order by n.position
            )
        from jsonb_array_elements(
            (pg_temp.prompt('head', 'restock_plan') #>> '{1,content,text}')::jsonb
        ) with ordinality as n (n, position)
    ),
    (
        select
            jsonb_agg(
                concat_ws(
                    ' ', r ->> 'store', r ->> 'sku', r ->> 'days_of_cover', r ->> 'suggested_units'
                )
                order by r.position
            )
        from jsonb_array_elements(
            tests.call('head', 'get_restock_suggestions', '{"page_size": 50}') -> 'rows'
        ) with ordinality as r (r, position)
    ),
    'the fifty most urgent of all stores, as the tool gives them'
);

-- find_products_for, analyst_instructions
select matches(
    pg_temp.prompt(
        'manager_a',
        'find_products_for',
        '{"project": "A shed; then a fence", "category": "Test Tools"}'
    ) #>> '{0,content,text}',
    '^A customer plans this: A shed; then a fence\n.* in the category Test Tools\. .*'
    'Test Paints, Test Tools',
    'the project, where to look, and all categories'
);
select is(
    position(
        'Today is ' || to_char(now() at time zone 'UTC', 'FMDay, YYYY-MM-DD')
        in pg_temp.prompt('manager_a', 'analyst_instructions') #>> '{0,content,text}'
    ) > 0,
    true,
    'the instructions know today'
);
select is_empty(
    $$
    select t.name
    from mcp_catalog.prompts as p
    cross join regexp_matches(p.description || coalesce(
        pg_temp.prompt(
            'manager_a', p.name,
            case p.name when 'find_products_for' then '{"project": "x"}' else '{}' end::jsonb
        )::text, ''
    ), '\m(?:get|search|execute|list)_\w+', 'g') as t (name)
    where t.name[1] not in (select mcp_catalog.tools.name from mcp_catalog.tools)
    $$,
    'the tools that the prompts name exist'
);

-- completions
select
    is(
        pg_temp.completed(c.who, c.target, c.typed),
        c.expected::jsonb,
        format('%s "%s" for %s', c.target, c.typed, c.who)
    )
from (
    values
    ('manager_a', 'weekly_review store', 'test', '["Test Store A"]'),
    ('regional', 'restock_plan store', 'store', '["Test Store A", "Test Store B"]'),
    ('nobody', 'weekly_review store', 'test', '[]'),
    ('manager_a', 'restock_plan category', 'test p', '["Test Paints"]'),
    ('manager_a', 'find_products_for category', 'test', '["Test Paints", "Test Tools"]'),
    ('manager_a', 'zava://tables/{table_name}/schema table_name', 'inv', '["retail.inventory"]'),
    ('manager_a', 'zava://tables/{table_name}/schema table_name', 'costs', '[]'),
    ('head', 'zava://tables/{table_name}/schema table_name', 'costs', '["retail.product_costs"]'),
    (
        'regional', 'zava://stores/{store_id}/report store_id', 'Store B',
        '["00000000-0000-7000-8000-00000000000b"]'
    ),
    (
        'regional', 'zava://stores/{store_id}/report store_id', '00000000-0000-7000-8000',
        '["00000000-0000-7000-8000-00000000000a", "00000000-0000-7000-8000-00000000000b"]'
    )
) as c (who, target, typed, expected);

select finish();
rollback;
