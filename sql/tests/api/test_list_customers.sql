-- api.list_customers: names and contact data for the manager of the store, and for nobody else.
begin;
set local search_path = tests, ext, public;
select plan(20);
select tests.load_fixture();
select
    tests.sell('a', '2024-01-01', 'e1', 3, 10.00, 0, '1'),
    tests.sell('a', '2024-01-02', 'e1', 2, 10.00, 0, '2'),
    tests.sell('a', '2024-04-09', 'e1', 1, 10.00, 0, '2'),
    tests.sell('a', '2024-04-09', 'e1', 1, 10.00, 0, '3'),
    tests.sell('a', '2024-01-09', 'e1', 1, 10.00, 0, '4'),
    tests.sell('b', '2024-01-01', 'e1', 9, 10.00);

create function pg_temp.ask(who text, arguments jsonb default '{}')
returns jsonb
language sql
return tests.call(
    ask.who, 'list_customers',
    '{"from_date": "2024-01-01", "to_date": "2024-04-09"}' || ask.arguments
);
create function pg_temp.cells(answer jsonb)
returns text []
language sql
return tests.cells(
    cells.answer, 'name', 'email', 'segment', 'is_new', 'orders', 'revenue', 'last_order_date'
);

select is(
    pg_temp.ask('manager_a') -> 'rows' -> 0,
    '{
        "customer_id": "00000000-0000-7000-8000-0000000001a1", "name": "Firsta Lasta",
        "email": "customer@test.example", "phone": null, "segment": "lapsed", "is_new": true,
        "orders": 1, "revenue": 30.00, "last_order_date": "2024-01-01"
    }',
    'a customer'
);
select is(
    pg_temp.cells(pg_temp.ask('manager_a')),
    array[
        'Firsta Lasta customer@test.example lapsed true 1 30.00 2024-01-01',
        'Firsta2 Lasta2 - loyal true 2 30.00 2024-04-09',
        'Firsta3 Lasta3 - promising true 1 10.00 2024-04-09',
        'Firsta4 Lasta4 - lapsed true 1 10.00 2024-01-09'
    ],
    'manager_a: by revenue, then by key; nobody of store b'
);
select is(
    pg_temp.cells(pg_temp.ask('manager_b')),
    array['Firstb Lastb customer@test.example lapsed true 1 90.00 2024-01-01'],
    'manager_b'
);
select is(
    pg_temp.cells(pg_temp.ask('manager_a', '{"segment": "loyal"}')),
    array['Firsta2 Lasta2 - loyal true 2 30.00 2024-04-09'],
    'a segment'
);
select is(
    pg_temp.cells(
        pg_temp.ask('manager_a', '{"from_date": "2024-01-03", "to_date": "2024-04-09"}')
    ),
    array[
        'Firsta2 Lasta2 - promising false 1 10.00 2024-04-09',
        'Firsta3 Lasta3 - promising true 1 10.00 2024-04-09',
        'Firsta4 Lasta4 - lapsed true 1 10.00 2024-01-09'
    ],
    'who had bought before the period is not new'
);
select is(
    pg_temp.ask('manager_a', '{"from_date": "2000-01-01", "to_date": "2000-12-31"}'),
    '{"rows": [], "row_count": 0, "truncated": false, "next_cursor": null}',
    'nobody bought before the first sale'
);
select is(
    (
        select sum(s.customers)
        from
            jsonb_to_recordset(
                tests.call(
                    'manager_a', 'get_customer_analysis',
                    '{"from_date": "2024-01-01", "to_date": "2024-04-09"}'
                ) -> 'segments'
            ) as s (customers bigint)
    ),
    4::numeric,
    'as many as get_customer_analysis counts'
);

-- pages
select
    is(
        tests.paged_rows(
            'manager_a', 'list_customers',
            jsonb_build_object(
                'from_date', '2024-01-01', 'to_date', '2024-04-09',
                'page_size', c.page_size
            )
        ),
        pg_temp.ask('manager_a') -> 'rows',
        format('pages of %s hold what one page holds', c.page_size)
    )
from unnest(array[1, 2, 3, 4]) as c (page_size);

-- nobody else
select
    is(
        tests.refusal(c.who, 'list_customers') -> 'code',
        '"42883"',
        format('%s: no such tool', c.who)
    )
from unnest(array['regional', 'head', 'nobody']) as c (who);
insert into tests.credentials (who, credential)
values (
    'both',
    mcp_auth.create_api_key(
        mcp_auth.add_user(
            'Test both', 'store_managers', array[tests.store('a')::text, tests.store('b')::text]
        )
    )
);
select is(
    pg_temp.ask('both') - 'next_cursor',
    '{"rows": [], "row_count": 0, "truncated": false}',
    'who manages two stores has no store of his own, and sees nobody by name'
);
select is(
    tests.call(
        'both', 'get_customer_analysis', '{"from_date": "2024-01-01", "to_date": "2024-04-09"}'
    ) ->> 'customers',
    '5',
    'though there are five customers'
);

-- refused
select
    is(
        tests.refusal(c.who, 'list_customers', c.arguments::jsonb) -> 'column',
        to_jsonb(c.field),
        format('%s refused: %s', c.who, c.arguments)
    )
from (
    values
    ('manager_a', '{"segment": "vip"}', 'segment'),
    ('manager_a', '{"from_date": "2024-03-02", "to_date": "2024-03-01"}', 'from_date'),
    ('both', '{"from_date": "2024-03-02", "to_date": "2024-03-01"}', 'from_date'),
    ('manager_a', '{"cursor": "x.y"}', 'cursor')
) as c (who, arguments, field);

select finish();
rollback;
