-- api.get_category_performance: every category, its change and its share, margin for head office.
begin;
set local search_path = tests, ext, public;
select plan(13);
select tests.load_fixture();
-- February after January (29 days before it begin on 3 January)
select
    tests.sell('a', '2024-01-02', 'e1', 50, 10.00),
    tests.sell('a', '2024-01-03', 'e1', 2, 10.00),
    tests.sell('a', '2024-02-01', 'e1', 3, 10.00),
    tests.sell('a', '2024-02-29', 'e2', 1, 25.50, 5.50),
    tests.sell('b', '2024-02-14', 'e2', 2, 25.50, 1.00),
    tests.sell('c', '2024-02-14', 'e1', 7, 10.00);

create function pg_temp.ask(who text, arguments jsonb default '{}')
returns text []
language sql
return array(
    select c.cells
    from
        unnest(
            tests.cells(
                tests.call(
                    ask.who, 'get_category_performance',
                    '{"from_date": "2024-02-01", "to_date": "2024-02-29"}' || ask.arguments
                ),
                'category', 'revenue', 'revenue_percent', 'units', 'products',
                'previous_revenue', 'change_percent', 'margin', 'margin_percent'
            )
        ) with ordinality as c (cells, position)
    where c.cells like 'Test %'
    order by c.position
);

select is(
    tests.call(
        'manager_a', 'get_category_performance',
        '{"from_date": "2024-02-01", "to_date": "2024-02-29"}'
    ) -> 'rows' -> 0,
    '{
        "category": "Test Tools", "revenue": 30.00, "revenue_percent": 60.0, "units": 3,
        "products": 1, "previous_revenue": 20.00, "change_percent": 50.0, "margin": null,
        "margin_percent": null
    }',
    'a category'
);
select is(pg_temp.ask(c.who, c.arguments), c.expected, c.what)
from (
    values
    (
        'manager_a', '{}'::jsonb,
        array['Test Tools 30.00 60.0 3 1 20.00 50.0 - -', 'Test Paints 20.00 40.0 1 1 0.00 - - -'],
        'manager_a: strongest first; no change where nothing was sold before; no margin'
    ),
    (
        'manager_b', '{}',
        array['Test Paints 50.00 100.0 2 1 0.00 - - -', 'Test Tools 0.00 0.0 0 0 0.00 - - -'],
        'manager_b: a category without a sale is there with zeros'
    ),
    (
        'regional', '{}',
        array['Test Paints 70.00 70.0 3 1 0.00 - - -', 'Test Tools 30.00 30.0 3 1 20.00 50.0 - -'],
        'regional: a and b together'
    ),
    (
        'regional', jsonb_build_object('store_id', tests.store('b')),
        array['Test Paints 50.00 100.0 2 1 0.00 - - -', 'Test Tools 0.00 0.0 0 0 0.00 - - -'],
        'regional: one store'
    ),
    (
        'head', jsonb_build_object('store_id', tests.store('a')),
        array[
            'Test Tools 30.00 60.0 3 1 20.00 50.0 12.00 40.0',
            'Test Paints 20.00 40.0 1 1 0.00 - 5.00 25.0'
        ],
        'head office: with margin'
    ),
    (
        'head', jsonb_build_object('store_id', tests.store('b')),
        array[
            'Test Paints 50.00 100.0 2 1 0.00 - 20.00 40.0',
            'Test Tools 0.00 0.0 0 0 0.00 - 0.00 -'
        ],
        'head office: the margin of nothing is 0, and no percent of it'
    ),
    (
        'manager_a', '{"from_date": "2000-01-01", "to_date": "2000-01-31"}',
        array['Test Paints 0.00 - 0 0 0.00 - - -', 'Test Tools 0.00 - 0 0 0.00 - - -'],
        'before the first sale: zeros, by name'
    ),
    (
        'manager_a', '{"from_date": null, "to_date": null, "time_period": "all_time"}',
        array['Test Tools 580.00 93.5 58 1 - - - -', 'Test Paints 40.00 6.5 2 1 - - - -'],
        'all_time: nothing to compare with'
    )
) as c (who, arguments, expected, what);
select is(
    tests.call('manager_a', 'get_category_performance') -> 'row_count',
    to_jsonb((select count(*) from retail.categories)),
    'every category of the catalogue'
);

-- refused
select is(
    tests.refusal(
        'manager_a', 'get_category_performance', jsonb_build_object('store_id', tests.store('b'))
    ) ->> 'code',
    '42501',
    'manager_a: not store b'
);
select is(
    tests.refusal('nobody', 'get_category_performance') ->> 'code',
    '42501',
    'not for who has no store'
);
select is(
    tests.refusal(
        'manager_a', 'get_category_performance',
        '{"from_date": "2024-03-02", "to_date": "2024-03-01"}'
    ) ->> 'column',
    'from_date',
    'from after to'
);

select finish();
rollback;
