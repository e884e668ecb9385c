-- api.generate_business_insights: the sentences of each kind, and the numbers beside them.
begin;
set local search_path = tests, ext, public;
select plan(27);
select tests.load_fixture();
-- February 2024 (29 days), the 29 days before it, and February 2023
select
    tests.sell('a', '2023-02-10', 'e1', 8, 10.00),
    tests.sell('a', '2024-01-10', 'e1', 5, 10.00),
    tests.sell('a', '2024-01-11', 'e2', 1, 25.50, 5.50),
    -- a Thursday and two Fridays
    tests.sell('a', '2024-02-01', 'e1', 3, 10.00),
    tests.sell('a', '2024-02-02', 'e2', 2, 25.50, 1.00),
    tests.sell('a', '2024-02-09', 'e2', 1, 25.50, 5.50, '2'),
    tests.sell('a', '2024-03-01', 'e1', 99, 10.00),
    tests.sell('b', '2024-02-02', 'e1', 20, 10.00),
    tests.sell('c', '2024-02-02', 'e1', 7, 10.00);

create function pg_temp.ask(who text, kind text, arguments jsonb default '{}')
returns jsonb
language sql
return tests.call(
    ask.who, 'generate_business_insights',
    '{"from_date": "2024-02-01", "to_date": "2024-02-29"}'
    || jsonb_build_object('analysis_type', ask.kind) || ask.arguments
);
create function pg_temp.sentences(answer jsonb)
returns text []
language sql
return array(
    select i ->> 'sentence'
    from jsonb_array_elements(sentences.answer -> 'insights') with ordinality as e (i, position)
    order by e.position
);
create function pg_temp.figures(answer jsonb)
returns jsonb
language sql
return (
    select jsonb_agg(i -> 'figures' order by e.position)
    from jsonb_array_elements(figures.answer -> 'insights') with ordinality as e (i, position)
);

-- summary
select is(
    pg_temp.ask('manager_a', 'summary') - 'insights',
    '{"analysis_type": "summary", "from_date": "2024-02-01", "to_date": "2024-02-29"}',
    'what was asked'
);
select is(
    pg_temp.sentences(pg_temp.ask('manager_a', 'summary')),
    array[
        'Revenue was $100.00 from 3 orders, $33.33 an order.',
        'Revenue is 42.9 % higher than in the period before, when it was $70.00.',
        'The best day was Friday, 2 February 2024 with $50.00.',
        'The strongest category was Test Paints with $70.00, 70.0 % of revenue.',
        '2 customers bought 6 units.'
    ],
    'manager_a: summary'
);
select is(
    pg_temp.figures(pg_temp.ask('manager_a', 'summary')),
    '[
        {"revenue": 100.00, "orders": 3, "average_order_value": 33.33},
        {"revenue": 100.00, "previous_revenue": 70.00, "change_percent": 42.9},
        {"day": "2024-02-02", "revenue": 50.00},
        {"category": "Test Paints", "revenue": 70.00, "revenue_percent": 70.0},
        {"customers": 2, "units": 6}
    ]',
    'manager_a: its numbers'
);
select is(
    (pg_temp.sentences(
        pg_temp.ask('head', 'summary', jsonb_build_object('store_id', tests.store('a')))
    ))[6],
    'Margin was $37.00, 37.0 % of revenue.',
    'head office reads of margin'
);
select is(
    tests.call(
        'manager_a',
        'generate_business_insights',
        '{"from_date": "2024-02-01", "to_date": "2024-02-29"}'
    ),
    pg_temp.ask('manager_a', 'summary'),
    'the summary is what is given unasked'
);

-- customer_segmentation
select is(
    pg_temp.sentences(pg_temp.ask('manager_a', 'customer_segmentation')),
    array[
        '2 customers bought for $100.00, $50.00 each.',
        '50.0 % of them are new and brought $20.00; the 1 customer who had bought before brought '
        '$80.00.',
        '1 customer bought more than once, 50.0 % of all.',
        'At risk, valuable but not seen recently: '
        '1 customer, 50.0 % of all, with 80.0 % of revenue.',
        'Lapsed customers, who bought little and not recently: '
        '1 customer, 50.0 % of all, with 20.0 % of revenue.'
    ],
    'manager_a: customer_segmentation'
);
select is(
    pg_temp.figures(pg_temp.ask('manager_a', 'customer_segmentation')) - 4,
    '[
        {"customers": 2, "revenue": 100.00, "revenue_per_customer": 50.00},
        {"new_customers": 1, "new_percent": 50.0, "new_revenue": 20.00,
        "returning_customers": 1, "returning_revenue": 80.00},
        {"repeat_customers": 1, "repeat_percent": 50.0},
        {"segment": "at_risk", "customers": 1, "customers_percent": 50.0, "orders": 2,
        "revenue": 80.00, "revenue_percent": 80.0}
    ]',
    'manager_a: its numbers'
);
select is(
    tests.call(
        'manager_a', 'generate_business_insights', '{"analysis_type": "customer_segmentation"}'
    )::text
    ~ 'First|Last|@',
    false,
    'nobody by name'
);

-- product_performance
select is(
    pg_temp.sentences(pg_temp.ask('manager_a', 'product_performance')),
    array[
        'The best seller is Test Quuxpaint with $70.00, 70.0 % of revenue.',
        'Of Test Quuxhammer the most units were sold: 3 units for $30.00.',
        '2 products were sold; the 2 strongest brought 100.0 % of revenue.',
        'Test Quuxpaint gained most: $70.00, $50.00 more than in the period before.',
        'Test Quuxhammer lost most: $30.00, $20.00 less than in the period before.'
    ],
    'manager_a: product_performance; the tie of units broken by name'
);
select is(
    pg_temp.figures(pg_temp.ask('manager_a', 'product_performance')),
    '[
        {"product": "Test Quuxpaint", "revenue": 70.00, "revenue_percent": 70.0},
        {"product": "Test Quuxhammer", "units": 3, "revenue": 30.00},
        {"products": 2, "leaders": 2, "revenue": 100.00, "revenue_percent": 100.0},
        {"product": "Test Quuxpaint", "revenue": 70.00, "previous_revenue": 20.00,
        "change": 50.00},
        {"product": "Test Quuxhammer", "revenue": 30.00, "previous_revenue": 50.00,
        "change": -20.00}
    ]',
    'manager_a: its numbers'
);
select is(
    pg_temp.sentences(pg_temp.ask('regional', 'product_performance')),
    array[
        'The best seller is Test Quuxhammer with $230.00, 76.7 % of revenue.',
        'Of Test Quuxhammer the most units were sold: 23 units for $230.00.',
        '2 products were sold; the 2 strongest brought 100.0 % of revenue.',
        'Test Quuxhammer gained most: $230.00, $180.00 more than in the period before.'
    ],
    'regional: a and b together; nothing lost, nothing said of it'
);
select is(
    pg_temp.sentences(
        pg_temp.ask(
            'manager_a', 'product_performance',
            '{"from_date": "2024-02-01", "to_date": "2024-02-01"}'
        )
    ),
    array[
        'The best seller is Test Quuxhammer with $30.00, 100.0 % of revenue.',
        'Of Test Quuxhammer the most units were sold: 3 units for $30.00.',
        'Test Quuxhammer gained most: $30.00, $30.00 more than in the period before.'
    ],
    'manager_a: one product; paint, of which none is in stock, could not be sold'
);
update retail.inventory set stock_level = 1
where store_id = tests.store('a') and product_id = '00000000-0000-7000-8000-0000000000e2';
select is(
    (
        pg_temp.sentences(
            pg_temp.ask(
                'manager_a', 'product_performance',
                '{"from_date": "2024-02-01", "to_date": "2024-02-01"}'
            )
        )
    )[4],
    'Of 1 product in stock nothing was sold.',
    'manager_a: now it could'
);

-- seasonal_trends; what the next month brings depends on today, and on the catalogue
create function pg_temp.outlook()
returns text
language sql
return (
    select
        format(
            'In %s demand for %s is expected at %s times its average month, the most of all '
            'categories.',
            to_char(n.day, 'FMMonth'), c.name, w.weight
        )
    from (
        select (now() at time zone 'America/Los_Angeles')::date + interval '1 month' as day
    ) as n
    inner join retail.category_seasonality as w on w.month = extract(month from n.day)
    inner join retail.categories as c on w.category_id = c.category_id
    order by w.weight desc, c.name
    limit 1
);
insert into retail.category_seasonality (category_id, month, weight)
select
    '00000000-0000-7000-8000-0000000000c2',
    m.month,
    9.50
from generate_series(1, 12) as m (month);
select matches(
    pg_temp.outlook(),
    '^In [A-Z][a-z]+ demand for Test Paints is expected at 9.50 times its average month, ',
    'paint is expected most'
);
select is(
    pg_temp.sentences(pg_temp.ask('manager_a', 'seasonal_trends')),
    array[
        'Revenue was $100.00, 25.0 % higher than on the same days a year before ($80.00).',
        'Friday is the strongest day of the week with $17.50 a day, Sunday the weakest with $0.00.',
        pg_temp.outlook()
    ],
    'manager_a: seasonal_trends; of equal days the later one is the weakest'
);
select is(
    pg_temp.figures(pg_temp.ask('manager_a', 'seasonal_trends')) - 2,
    '[
        {"revenue": 100.00, "last_year_revenue": 80.00, "change_percent": 25.0},
        {"strongest": "Friday", "strongest_daily_revenue": 17.50, "weakest": "Sunday",
        "weakest_daily_revenue": 0.00}
    ]',
    'manager_a: its numbers'
);
select is(
    pg_temp.sentences(
        pg_temp.ask(
            'manager_a', 'seasonal_trends',
            '{"from_date": "2024-01-01", "to_date": "2024-02-29"}'
        )
    ),
    array[
        'Revenue was $170.00, 112.5 % higher than on the same days a year before ($80.00).',
        'February is the strongest month with $3.45 a day, January the weakest with $2.26.',
        'Friday is the strongest day of the week with $8.75 a day, Sunday the weakest with $0.00.',
        pg_temp.outlook()
    ],
    'manager_a: two months are compared by the day'
);
select is(
    pg_temp.sentences(
        pg_temp.ask(
            'manager_a', 'seasonal_trends',
            '{"from_date": "2024-02-05", "to_date": "2024-02-10"}'
        )
    ),
    array[
        'Revenue was $20.00, 75.0 % lower than on the same days a year before ($80.00).',
        pg_temp.outlook()
    ],
    'manager_a: six days say nothing about the days of the week'
);
select is(
    (
        pg_temp.sentences(
            pg_temp.ask(
                'manager_a', 'seasonal_trends',
                '{"from_date": "2023-02-01", "to_date": "2024-02-29"}'
            )
        )
    )[1],
    'February is the strongest month with $3.16 a day, December the weakest with $0.00.',
    'manager_a: more than a year is not compared with a year before'
);

-- nothing sold
select
    is(
        (
            pg_temp.sentences(
                pg_temp.ask(
                    'manager_a', c.kind, '{"from_date": "2000-01-01", "to_date": "2000-01-31"}'
                )
            )
        )[1],
        c.sentence,
        format('before the first sale: %s', c.kind)
    )
from (
    values
    ('summary', 'Nothing was sold in this period.'),
    ('customer_segmentation', 'Nobody bought in this period.'),
    ('product_performance', 'Nothing was sold in this period.'),
    ('seasonal_trends', 'Nothing was sold in this period.')
) as c (kind, sentence);

-- refused
select
    is(
        tests.refusal(c.who, 'generate_business_insights', c.arguments) ->> c.part,
        c.expected,
        format('%s: %s', c.who, c.arguments)
    )
from (
    values
    ('manager_a', jsonb_build_object('store_id', tests.store('b')), 'code', '42501'),
    ('nobody', '{}', 'code', '42501'),
    ('manager_a', '{"analysis_type": "revenue_trend"}', 'column', 'analysis_type'),
    ('manager_a', '{"from_date": "2024-03-02", "to_date": "2024-03-01"}', 'column', 'from_date')
) as c (who, arguments, part, expected);

select finish();
rollback;
