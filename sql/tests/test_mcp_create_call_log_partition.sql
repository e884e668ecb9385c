-- mcp.create_call_log_partition: a part of the call log like the whole, which nobody rewrites.
begin;
set local search_path = tests, ext, public;
select plan(13);

select lives_ok(
    $$select * from tests.rows_as(
        null,
        'select mcp.create_call_log_partition(''a "day"'',
        ''for values from (''''2100-01-01Z'''') to (''''2100-01-02Z'''')'')',
        'zava_auth'
    )$$,
    'a partition is made, whatever its name'
);
select is(
    (
        select pg_get_expr(c.relpartbound, c.oid) ~ '2100-01-01.*2100-01-02'
        from pg_class as c
        inner join pg_inherits as i on c.oid = i.inhrelid
        where i.inhparent = 'mcp.call_log'::regclass and c.oid = 'call_log."a ""day"""'::regclass
    ),
    true,
    'it is a part of the log, for its day'
);
select is(
    (
        select count(*)
        from pg_index as x
        where x.indrelid = 'call_log."a ""day"""'::regclass
    ),
    (select count(*) from pg_index as x where x.indrelid = 'mcp.call_log'::regclass),
    'it has the indexes of the whole'
);
select is(
    (
        select count(*)
        from pg_constraint as k
        where k.conrelid = 'call_log."a ""day"""'::regclass and k.contype = 'c'
    ),
    (
        select count(*)
        from pg_constraint as k
        where k.conrelid = 'mcp.call_log'::regclass and k.contype = 'c'
    ),
    'and its checks'
);
select
    is(
        has_table_privilege('zava_auth', 'call_log."a ""day"""', p.privilege),
        p.privilege in ('insert', 'select'),
        format('its owner may %s: %s', p.privilege, p.privilege in ('insert', 'select'))
    )
from unnest(array['insert', 'select', 'update', 'delete']) as p (privilege);

-- who may execute it
select
    is(
        has_function_privilege(r.role, 'mcp.create_call_log_partition(text, text)', 'execute'),
        r.role = 'zava_auth',
        format('%s may execute it: %s', r.role, r.role = 'zava_auth')
    )
from
    unnest(
        array['zava_auth', 'zava_tools', 'zava_sandbox', 'zava_mcp', 'store_managers']
    ) as r (role);

select finish();
rollback;
