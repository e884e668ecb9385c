-- api.get_current_utc_date: now, in UTC, whatever the session's time zone and date style.
begin;
set local search_path = tests, ext, public;
select plan(5);
select tests.load_fixture();

select
    is(
        tests.call(c.who, 'get_current_utc_date'),
        jsonb_build_object(
            'value', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        ),
        format('%s: the present moment', c.who)
    )
from unnest(array['manager_a', 'regional', 'head']) as c (who);
set local time zone 'Pacific/Kiritimati';
set local datestyle = 'German';
select is(
    (tests.call('manager_a', 'get_current_utc_date') ->> 'value')::timestamptz,
    date_trunc('second', now()),
    'the session''s time zone changes nothing'
);
select matches(
    tests.call('manager_a', 'get_current_utc_date') ->> 'value',
    '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$',
    'ISO 8601 with Z'
);

select finish();
rollback;
