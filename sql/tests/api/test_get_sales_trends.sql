-- api.get_sales_trends: steps of a day, a week and a month, averages, and changes against before.
begin;
set local search_path = tests, ext, public;
select plan(24);
select tests.load_fixture();
-- January 2024 to March 2024 in store a; a year before in store a too; store b; store c
select tests.sell('a', d.day::date, 'e1', d.units, 10.00)
from (
    values
    ('2023-01-15', 4), ('2023-03-31', 1), ('2024-01-01', 1), ('2024-01-31', 2), ('2024-02-05', 4),
    ('2024-02-29', 2), ('2024-03-03', 3), ('2024-03-04', 5), ('2024-03-31', 1)
) as d (day, units);
select tests.sell('b', '2024-03-04', 'e2', 1, 25.50, 0.50);
select tests.sell('c', '2024-03-04', 'e1', 9, 10.00);

create function pg_temp.ask(who text, arguments jsonb)
returns text []
language sql
return tests.cells(
    tests.call(ask.who, 'get_sales_trends', ask.arguments),
    'starts_on', 'ends_on', 'revenue', 'orders', 'units', 'moving_average', 'previous_revenue',
    'change_percent', 'last_year_revenue', 'last_year_change_percent'
);

select is(
    tests.call(
        'manager_a', 'get_sales_trends',
        '{"granularity": "month", "from_date": "2024-03-10", "to_date": "2024-03-10"}'
    ) -> 'rows',
    '[{
        "starts_on": "2024-03-01", "ends_on": "2024-03-31", "is_complete": true,
        "revenue": 90.00, "orders": 3, "units": 9, "moving_average": 60.00,
        "previous_revenue": 60.00, "change_percent": 50.0,
        "last_year_revenue": 10.00, "last_year_change_percent": 800.0
    }]',
    'a month; the period is widened to it'
);
select is(
    pg_temp.ask(
        'manager_a', '{"granularity": "month", "from_date": "2024-01-31", "to_date": "2024-03-01"}'
    ),
    array[
        '2024-03-01 2024-03-31 90.00 3 9 60.00 60.00 50.0 10.00 800.0',
        '2024-02-01 2024-02-29 60.00 2 6 30.00 30.00 100.0 0.00 -',
        '2024-01-01 2024-01-31 30.00 2 3 10.00 0.00 - 40.00 -25.0'
    ],
    'months: average of three, nothing divided by nothing, the same month a year before'
);
select is(
    pg_temp.ask(
        'manager_a', '{"granularity": "week", "from_date": "2024-02-28", "to_date": "2024-03-04"}'
    ),
    array[
        '2024-03-04 2024-03-10 50.00 1 5 25.00 50.00 0.0 0.00 -',
        '2024-02-26 2024-03-03 50.00 2 5 22.50 0.00 - 0.00 -'
    ],
    'weeks begin on Monday; average of four; 3 and 4 March are in two of them'
);
select is(
    pg_temp.ask(
        'manager_a', '{"granularity": "day", "from_date": "2024-03-02", "to_date": "2024-03-04"}'
    ),
    array[
        '2024-03-04 2024-03-04 50.00 1 5 14.29 30.00 66.7 0.00 -',
        '2024-03-03 2024-03-03 30.00 1 3 7.14 0.00 - 0.00 -',
        '2024-03-02 2024-03-02 0.00 0 0 2.86 0.00 - 0.00 -'
    ],
    'days: average of seven, a day without a sale among them'
);
select is(
    (
        pg_temp.ask(
            'manager_a',
            '{"granularity": "day", "from_date": "2024-03-29", "to_date": "2024-03-29"}'
        )
    )[1],
    '2024-03-29 2024-03-29 0.00 0 0 0.00 0.00 - 10.00 -100.0',
    'a day is compared with the same day of the week: Friday with Friday'
);

-- whose sales
select
    is(
        (
            pg_temp.ask(
                c.who, '{"granularity": "day", "from_date": "2024-03-04", "to_date": "2024-03-04"}'
            )
        )[1],
        c.expected,
        c.who
    )
from (
    values
    ('manager_a', '2024-03-04 2024-03-04 50.00 1 5 14.29 30.00 66.7 0.00 -'),
    ('manager_b', '2024-03-04 2024-03-04 25.00 1 1 3.57 0.00 - 0.00 -'),
    ('regional', '2024-03-04 2024-03-04 75.00 2 6 17.86 30.00 150.0 0.00 -')
) as c (who, expected);
select is(
    pg_temp.ask(
        'regional',
        jsonb_build_object(
            'granularity', 'day', 'from_date', '2024-03-04', 'to_date', '2024-03-04',
            'store_id', tests.store('b')
        )
    ),
    pg_temp.ask(
        'manager_b', '{"granularity": "day", "from_date": "2024-03-04", "to_date": "2024-03-04"}'
    ),
    'regional: one store'
);
select is(
    tests.refusal(
        'regional', 'get_sales_trends', jsonb_build_object('store_id', tests.store('c'))
    ) ->> 'code',
    '42501',
    'regional: not store c'
);

-- what still runs
select is(
    tests.cells(
        tests.call('manager_a', 'get_sales_trends', '{"granularity": "day", "page_size": 2}'),
        'is_complete', 'revenue', 'moving_average', 'previous_revenue', 'change_percent',
        'last_year_change_percent'
    ),
    array['false 0.00 - 40.00 - -', 'true 40.00 5.71 0.00 - -'],
    'the day that runs is shown, not judged; yesterday is complete'
);
select
    is(
        (
            tests.cells(
                tests.call(
                    'manager_a', 'get_sales_trends', jsonb_build_object('granularity', g.name)
                ),
                'is_complete', 'moving_average', 'change_percent', 'last_year_change_percent'
            )
        )[1],
        'false - - -',
        format('nor is the %s that runs', g.name)
    )
from unnest(array['week', 'month']) as g (name);
select is(
    (
        select count(*)
        from
            jsonb_array_elements(
                tests.call('manager_a', 'get_sales_trends', '{"granularity": "week"}') -> 'rows'
            ) as r
        where not (r ->> 'is_complete')::boolean
    ),
    1::bigint,
    'and only that one is not complete'
);

-- before the first sale
select is(
    pg_temp.ask(
        'manager_a', '{"granularity": "month", "from_date": "2000-01-01", "to_date": "2000-01-31"}'
    ),
    array['2000-01-01 2000-01-31 0.00 0 0 0.00 0.00 - 0.00 -'],
    'before the first sale there are zeros'
);

-- pages
select
    is(
        tests.paged_rows('manager_a', 'get_sales_trends', c.arguments::jsonb || '{"page_size": 2}'),
        tests.call('manager_a', 'get_sales_trends', c.arguments::jsonb || '{"page_size": 1000}')
        -> 'rows',
        format('pages hold what one page holds: %s', c.arguments)
    )
from (
    values
    ('{"granularity": "month", "from_date": "2023-01-01", "to_date": "2024-03-31"}'),
    ('{"granularity": "week", "from_date": "2024-01-01", "to_date": "2024-03-31"}'),
    ('{"granularity": "day", "from_date": "2024-02-25", "to_date": "2024-03-05"}')
) as c (arguments);
select is(
    tests.call(
        'manager_a', 'get_sales_trends',
        '{"granularity": "month", "from_date": "2023-01-01", "to_date": "2024-03-31"}'
    ) ->> 'row_count',
    '15',
    'fifteen months are fifteen steps'
);
select is(
    tests.call(
        'manager_a', 'get_sales_trends',
        '{"time_period": "all_time", "granularity": "month", "page_size": 1000}'
    ) -> 'rows' -> -1 ->> 'starts_on',
    '2023-01-01',
    'all_time begins with the first sale'
);

-- bad arguments
select
    is(
        tests.refusal('manager_a', 'get_sales_trends', c.arguments::jsonb) ->> 'column',
        c.field,
        format('refused: %s', c.arguments)
    )
from (
    values
    ('{"granularity": "year"}', 'granularity'),
    ('{"from_date": "2024-03-02", "to_date": "2024-03-01"}', 'from_date'),
    ('{"page_size": 0}', 'page_size'),
    ('{"cursor": "x.y"}', 'cursor')
) as c (arguments, field);

select finish();
rollback;
