-- mcp_log.check_period: how far back the call log may be asked about.
begin;
set local search_path = tests, ext, public;
select plan(17);

select
    lives_ok(
        tests.reads(null, format('select 1 from mcp_log.check_period(%L)', p.period), 'mcp_core'),
        format('good: %s', p.period)
    )
from unnest(array['1 second', '24 hours', '1 year', '366 days']) as p (period);
select
    is(
        tests.error_of(
            tests.reads(
                null, format('select 1 from mcp_log.check_period(%L)', p.period), 'mcp_core'
            )
        ) - 'hint',
        '{"code": "22023", "column": "period",
        "message": "period must be an interval from 1 second to 366 days, like 24 hours",
        "constraint": "an interval from 1 second to 366 days, like 24 hours"}',
        format('refused: %s', coalesce(p.period, 'null'))
    )
from unnest(array[
    null, '0', '0.999999 seconds', '-24 hours', '366 days 0.000001 seconds', '13 months',
    -- PostgreSQL 16 has no infinite interval
    case
        when current_setting('server_version_num')::integer >= 170000 then 'infinity' else
            '178000000 years'
    end,
    case
        when current_setting('server_version_num')::integer >= 170000 then '-infinity' else
            '-178000000 years'
    end
]) as p (period);

-- who may execute it
select
    is(
        has_function_privilege(r.role, 'mcp_log.check_period(interval)', 'execute'),
        r.role = 'mcp_core',
        format('%s may execute it: %s', r.role, r.role = 'mcp_core')
    )
from
    unnest(
        array['mcp_core', 'mcp_tools', 'mcp_sandbox', 'demo_server', 'demo_members']
    ) as r (role);

select finish();
rollback;
