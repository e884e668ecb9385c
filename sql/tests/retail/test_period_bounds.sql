-- retail.period_bounds: the days of each period, at fixed dates.
begin;
set local search_path = tests, ext, public;
select plan(43);

select
    is(
        (
            select
                format(
                    '%s to %s, before %s to %s', b.from_date, b.to_date,
                    coalesce(b.previous_from_date::text, 'none'),
                    coalesce(b.previous_to_date::text, 'none')
                )
            from retail.period_bounds(c.period::retail.time_period, c.today::date) as b
        ),
        format('%s to %s, before %s to %s', c.from_date, c.to_date, c.before_from, c.before_to),
        format('%s on %s', c.period, c.today)
    )
from (
    values
    -- an ordinary day
    ('today', '2025-08-14', '2025-08-14', '2025-08-14', 'none', 'none'),
    ('yesterday', '2025-08-14', '2025-08-13', '2025-08-13', '2025-08-12', '2025-08-12'),
    ('last_7_days', '2025-08-14', '2025-08-08', '2025-08-14', '2025-08-01', '2025-08-07'),
    ('last_30_days', '2025-08-14', '2025-07-16', '2025-08-14', '2025-06-16', '2025-07-15'),
    ('last_90_days', '2025-08-14', '2025-05-17', '2025-08-14', '2025-02-16', '2025-05-16'),
    ('last_12_months', '2025-08-14', '2024-08-15', '2025-08-14', '2023-08-16', '2024-08-14'),
    ('this_month', '2025-08-14', '2025-08-01', '2025-08-14', '2025-07-01', '2025-07-14'),
    ('last_month', '2025-08-14', '2025-07-01', '2025-07-31', '2025-06-01', '2025-06-30'),
    ('this_quarter', '2025-08-14', '2025-07-01', '2025-08-14', '2025-04-01', '2025-05-14'),
    ('last_quarter', '2025-08-14', '2025-04-01', '2025-06-30', '2025-01-01', '2025-03-31'),
    ('this_year', '2025-08-14', '2025-01-01', '2025-08-14', '2024-01-01', '2024-08-14'),
    ('last_year', '2025-08-14', '2024-01-01', '2024-12-31', '2023-01-01', '2023-12-31'),
    ('all_time', '2025-08-14', '0001-01-01', '2025-08-14', 'none', 'none'),
    -- the leap day, and the days around it
    ('today', '2024-02-29', '2024-02-29', '2024-02-29', 'none', 'none'),
    ('yesterday', '2024-03-01', '2024-02-29', '2024-02-29', '2024-02-28', '2024-02-28'),
    ('yesterday', '2025-03-01', '2025-02-28', '2025-02-28', '2025-02-27', '2025-02-27'),
    ('last_30_days', '2024-03-01', '2024-02-01', '2024-03-01', '2024-01-02', '2024-01-31'),
    ('last_30_days', '2025-03-01', '2025-01-31', '2025-03-01', '2025-01-01', '2025-01-30'),
    ('this_month', '2024-02-29', '2024-02-01', '2024-02-29', '2024-01-01', '2024-01-29'),
    ('last_month', '2024-03-31', '2024-02-01', '2024-02-29', '2024-01-01', '2024-01-31'),
    ('last_month', '2025-03-31', '2025-02-01', '2025-02-28', '2025-01-01', '2025-01-31'),
    -- a year ago there was no 29 February: the year begins on the day after the 28th
    ('last_12_months', '2024-02-29', '2023-03-01', '2024-02-29', '2022-02-28', '2023-02-28'),
    ('last_12_months', '2025-02-28', '2024-02-29', '2025-02-28', '2023-02-28', '2024-02-28'),
    ('last_year', '2025-01-01', '2024-01-01', '2024-12-31', '2023-01-01', '2023-12-31'),
    -- edges of quarters and years
    ('this_quarter', '2025-03-31', '2025-01-01', '2025-03-31', '2024-10-01', '2024-12-31'),
    ('this_quarter', '2025-04-01', '2025-04-01', '2025-04-01', '2025-01-01', '2025-01-01'),
    ('last_quarter', '2025-03-31', '2024-10-01', '2024-12-31', '2024-07-01', '2024-09-30'),
    ('last_quarter', '2025-04-01', '2025-01-01', '2025-03-31', '2024-10-01', '2024-12-31'),
    ('last_quarter', '2024-06-30', '2024-01-01', '2024-03-31', '2023-10-01', '2023-12-31'),
    ('last_quarter', '2025-12-31', '2025-07-01', '2025-09-30', '2025-04-01', '2025-06-30'),
    ('this_month', '2025-01-01', '2025-01-01', '2025-01-01', '2024-12-01', '2024-12-01'),
    ('last_month', '2025-01-31', '2024-12-01', '2024-12-31', '2024-11-01', '2024-11-30'),
    ('this_year', '2025-01-01', '2025-01-01', '2025-01-01', '2024-01-01', '2024-01-01'),
    ('this_year', '2024-12-31', '2024-01-01', '2024-12-31', '2023-01-01', '2023-12-31'),
    ('last_7_days', '2025-01-03', '2024-12-28', '2025-01-03', '2024-12-21', '2024-12-27')
) as c (period, today, from_date, to_date, before_from, before_to);

-- of every period, every day of four years
create temp table bounds on commit drop as
select
    p.period,
    d.today::date as today,
    b.from_date,
    b.to_date,
    b.previous_from_date,
    b.previous_to_date
from unnest(enum_range(null::retail.time_period)) as p (period)
cross join
    generate_series(
        timestamp '2023-01-01', timestamp '2026-12-31', interval '1 day'
    ) as d (today)
cross join lateral retail.period_bounds(p.period, d.today::date) as b;
select is(
    (select count(*) from bounds),
    13::bigint * 1461,
    'thirteen periods on 1461 days'
);
select is_empty(
    'select * from bounds where from_date is null or to_date is null or from_date > to_date',
    'no period is empty'
);
select is_empty(
    'select * from bounds where to_date > today',
    'no period ends in the future'
);
select is_empty(
    $$select * from bounds
    where period::text !~ '^(this|last)_(month|quarter|year)$|^today$|^all' and (
        previous_to_date is distinct from from_date - 1
        or previous_to_date - previous_from_date is distinct from to_date - from_date
    )$$,
    'the period before has as many days and ends where this one begins'
);
select is_empty(
    $$select * from bounds where period::text ~ '^last_(month|quarter|year)$' and (
        previous_to_date is distinct from from_date - 1
        or previous_from_date
        is distinct from date_trunc(split_part(period::text, '_', 2), previous_to_date)::date
    )$$,
    'that of a month, quarter or year is the whole one before'
);
select is_empty(
    $$select * from bounds where period::text ~ '^this_' and (
        previous_from_date is distinct from
        date_trunc(split_part(period::text, '_', 2), from_date - 1)::date
        or previous_to_date not between previous_from_date and from_date - 1
        or previous_to_date - previous_from_date > to_date - from_date + 2
    )$$,
    'that of one that runs begins with the one before, and has about as many days'
);
select is_empty(
    $$select * from bounds where period = 'last_12_months'
        and to_date - from_date not in (364, 365)$$,
    'twelve months are 365 or 366 days'
);

-- nothing of the session counts
set local time zone 'Pacific/Kiritimati';
set local datestyle = 'German';
select is(
    (retail.period_bounds('this_month', date '2025-08-14')).from_date,
    date '2025-08-01',
    'the session''s time zone and date style change nothing'
);

select finish();
rollback;
