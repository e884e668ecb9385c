-- retail.resolve_period: which stores and days a tool is asked about, and what is refused.
begin;
set local search_path = tests, ext, public;
select plan(45);
select tests.load_fixture();
-- in a session whose own day is never a store's
select is(set_config('timezone', '<TEST>-100', true), '<TEST>-100', 'four days ahead');

create function pg_temp.today(letter text default 'a')
returns date
language sql
stable
return (
    select (now() at time zone s.time_zone)::date
    from retail.stores as s
    where s.store_id = tests.store(today.letter)
);
create function pg_temp.call(
    store text, period text default 'last_30_days', first date default null, last date default null
)
returns text
language sql
return format(
    'select retail.resolve_period(%L, %L, %L, %L) as asked',
    tests.store(call.store), call.period, call.first, call.last
);
create function pg_temp.ask(
    who text,
    store text default null,
    period text default 'last_30_days',
    first date default null,
    last date default null
)
returns retail.report_period
language sql
return (
    select jsonb_populate_record(null::retail.report_period, r -> 'asked')
    from
        tests.rows_as(
            tests.credential(ask.who), pg_temp.call(ask.store, ask.period, ask.first, ask.last)
        ) as r
);
create function pg_temp.refused(
    who text, store text, first date default null, last date default null
)
returns jsonb
language sql
return tests.error_of(
    format(
        'select tests.rows_as(tests.credential(%L), %L)',
        refused.who, pg_temp.call(refused.store, 'last_30_days', refused.first, refused.last)
    )
) - 'constraint';
create function pg_temp.spans(letters text, first date, last date)
returns retail.store_span []
language sql
return array(
    select row(tests.store(l), spans.first, spans.last)::retail.store_span
    from unnest(string_to_array(spans.letters, null)) as l
);

-- stores
select is(
    (pg_temp.ask('manager_a')).spans,
    pg_temp.spans('a', pg_temp.today() - 29, pg_temp.today()),
    'manager_a: the own store'
);
select is(
    (pg_temp.ask('regional')).spans,
    pg_temp.spans('ab', pg_temp.today() - 29, pg_temp.today()),
    'regional: the stores of the region, not store c, which exists'
);
select is(
    (pg_temp.ask('regional', 'b')).spans,
    pg_temp.spans('b', pg_temp.today() - 29, pg_temp.today()),
    'regional: one store of them'
);
select is(
    (pg_temp.ask('head', 'c')).spans,
    pg_temp.spans('c', pg_temp.today('c') - 29, pg_temp.today('c')),
    'head office: store c has the days of its own time zone'
);
select is(
    cardinality((pg_temp.ask('head')).spans),
    (select count(*)::integer from retail.stores),
    'head office: every store'
);
select
    is(
        pg_temp.refused(c.who, c.store),
        '{"code": "42501", "message": "not allowed", "column": "",
        "hint": "list_stores shows the stores you may see."}',
        format('%s: %s', c.who, c.what)
    )
from (
    values
    ('manager_a', 'b', 'a store of the region'),
    ('regional', 'c', 'a store of another region'),
    ('regional', 'f', 'a store that does not exist, alike'),
    ('head', 'f', 'a store that does not exist, for who sees all'),
    ('nobody', 'a', 'a store, for who has none'),
    ('nobody', null, 'all stores, for who has none'),
    (null, null, 'all stores, without a context')
) as c (who, store, what);

-- periods: those of retail.period_bounds, which has its own test
select
    is(
        pg_temp.ask('manager_a', period => p.period::text),
        row(
            pg_temp.spans('a', b.from_date, b.to_date),
            case
                when p.period <> 'today'
                    then pg_temp.spans('a', b.previous_from_date, b.previous_to_date)
            end,
            b.from_date, b.to_date, pg_temp.today()
        )::retail.report_period,
        format('manager_a: %s', p.period)
    )
from unnest(enum_range(null::retail.time_period)) as p (period)
cross join lateral retail.period_bounds(p.period, pg_temp.today()) as b
where p.period <> 'all_time';
select is(
    pg_temp.ask('manager_a', period => 'all_time'),
    row(
        pg_temp.spans('a', pg_temp.today() - 40, pg_temp.today()), null,
        pg_temp.today() - 40, pg_temp.today(), pg_temp.today()
    )::retail.report_period,
    'manager_a: all_time begins with the first sale and has nothing before it'
);
select is(
    (pg_temp.ask('regional', period => 'all_time')).spans,
    pg_temp.spans('a', pg_temp.today() - 40, pg_temp.today())
    || pg_temp.spans('b', pg_temp.today() - 2, pg_temp.today()),
    'regional: for each store with its own first sale'
);
delete from retail.order_items
where store_id = tests.store('b');
delete from retail.orders
where store_id = tests.store('b');
select is(
    pg_temp.ask('manager_b', period => 'all_time'),
    row(
        pg_temp.spans('b', pg_temp.today(), pg_temp.today()), null,
        pg_temp.today(), pg_temp.today(), pg_temp.today()
    )::retail.report_period,
    'manager_b: without a sale all_time is today'
);

-- days
select is(
    pg_temp.ask('manager_a', first => '2024-02-01', last => '2024-02-29'),
    row(
        pg_temp.spans('a', '2024-02-01', '2024-02-29'),
        pg_temp.spans('a', '2024-01-03', '2024-01-31'),
        date '2024-02-01', date '2024-02-29', pg_temp.today()
    )::retail.report_period,
    'days: both ends, and as many days before'
);
select is(
    pg_temp.ask('manager_a', period => 'all_time', first => '2024-02-29', last => '2024-02-29'),
    row(
        pg_temp.spans('a', '2024-02-29', '2024-02-29'),
        pg_temp.spans('a', '2024-02-28', '2024-02-28'),
        date '2024-02-29', date '2024-02-29', pg_temp.today()
    )::retail.report_period,
    'one day; it stands in for any period'
);
select is(
    (pg_temp.ask('manager_a', first => pg_temp.today() - 3)).spans,
    pg_temp.spans('a', pg_temp.today() - 3, pg_temp.today()),
    'without to_date until today'
);
select is(
    (pg_temp.ask('manager_a', first => pg_temp.today() - 3, last => '2099-12-31')).spans,
    pg_temp.spans('a', pg_temp.today() - 3, pg_temp.today()),
    'days that have not begun are left out'
);
select is(
    (pg_temp.ask('head', 'a', first => pg_temp.today(), last => pg_temp.today() + 1)).spans,
    pg_temp.spans('a', pg_temp.today(), pg_temp.today()),
    'store a: tomorrow has not begun'
);
-- stores c and d are a day apart, whatever the hour
update retail.stores set time_zone = 'Pacific/Kiritimati' where store_id = tests.store('c');
update retail.stores set time_zone = 'Pacific/Pago_Pago' where store_id = tests.store('a');
select is(
    (
        select array_agg(s.* order by s.store_id)
        from unnest((pg_temp.ask('head', first => pg_temp.today('c'))).spans) as s
        where s.store_id in (tests.store('a'), tests.store('c'))
    ),
    pg_temp.spans('ac', pg_temp.today('c'), pg_temp.today('c')),
    'a day that has begun in one store is asked about everywhere'
);
select is(
    (pg_temp.ask('head', first => pg_temp.today('c') - 5)).today,
    (select min((now() at time zone s.time_zone)::date) from retail.stores as s),
    'today is the day that runs in every store, or the one before'
);

-- refused
select
    is(
        pg_temp.refused('manager_a', null, c.first, c.last),
        jsonb_build_object(
            'code', '22023', 'hint', '', 'column', 'from_date', 'message', c.message
        ),
        c.what
    )
from (
    values
    (
        date '2024-03-01', date '2024-02-29',
        'from_date must be to_date, 2024-02-29, or before', 'from after to'
    ),
    (null, date '2024-02-29', 'from_date must be given when to_date is', 'to without from'),
    (
        date '2099-12-31', null,
        format('from_date must be today, %s, or before', pg_temp.today()), 'from in the future'
    ),
    (
        pg_temp.today() + 1, pg_temp.today() + 2,
        format('from_date must be today, %s, or before', pg_temp.today()), 'from tomorrow'
    )
) as c (first, last, message, what);

-- the domain's limits and the tool's answer
select
    is(
        tests.refusal(
            'manager_a', 'get_daily_sales', jsonb_build_object('from_date', c.value)
        ) - array['hint', 'constraint'],
        '{"code": "22023", "column": "from_date",
        "message": "from_date must be a date from 2000-01-01 to 2099-12-31, YYYY-MM-DD"}',
        format('from_date %s', c.value)
    )
from (
    values
    ('1999-12-31'), ('2100-01-01'), ('infinity'), ('2023-02-29'), ('last week')
) as c (value);
select is(
    tests.refusal(
        'manager_a', 'get_daily_sales', '{"from_date": "2000-01-01", "to_date": "1999-12-31"}'
    ) ->> 'column',
    'to_date',
    'the error names the date that does not fit'
);

select finish();
rollback;
