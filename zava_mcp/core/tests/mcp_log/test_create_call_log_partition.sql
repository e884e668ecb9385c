-- mcp_log.create_call_log_partition: a part of the call log like the whole, which nobody rewrites.
begin;
set local search_path = tests, ext, public;
select plan(13);

select lives_ok(
    $$select * from tests.rows_as(
        null,
        'select mcp_log.create_call_log_partition(''a "day"'',
        ''for values from (''''2100-01-01Z'''') to (''''2100-01-02Z'''')'')',
        'mcp_core'
    )$$,
    'a partition is made, whatever its name'
);
select is(
    (
        select pg_get_expr(c.relpartbound, c.oid) ~ '2100-01-01.*2100-01-02'
        from pg_class as c
        inner join pg_inherits as i on c.oid = i.inhrelid
        where i.inhparent = 'mcp_log.call_log'::regclass and c.oid = 'mcp_log."a ""day"""'::regclass
    ),
    true,
    'it is a part of the log, for its day'
);
select is(
    (
        select count(*)
        from pg_index as x
        where x.indrelid = 'mcp_log."a ""day"""'::regclass
    ),
    (select count(*) from pg_index as x where x.indrelid = 'mcp_log.call_log'::regclass),
    'it has the indexes of the whole'
);
select is(
    (
        select count(*)
        from pg_constraint as k
        where k.conrelid = 'mcp_log."a ""day"""'::regclass and k.contype = 'c'
    ),
    (
        select count(*)
        from pg_constraint as k
        where k.conrelid = 'mcp_log.call_log'::regclass and k.contype = 'c'
    ),
    'and its checks'
);
select
    is(
        has_table_privilege('mcp_core', 'mcp_log."a ""day"""', p.privilege),
        p.privilege in ('insert', 'select'),
        format('its owner may %s: %s', p.privilege, p.privilege in ('insert', 'select'))
    )
from unnest(array['insert', 'select', 'update', 'delete']) as p (privilege);

-- who may execute it
select
    is(
        has_function_privilege(r.role, 'mcp_log.create_call_log_partition(text, text)', 'execute'),
        r.role = 'mcp_core',
        format('%s may execute it: %s', r.role, r.role = 'mcp_core')
    )
from
    unnest(
        array['mcp_core', 'mcp_tools', 'mcp_sandbox', 'demo_server', 'demo_members']
    ) as r (role);

select finish();
rollback;
