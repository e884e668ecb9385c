-- mcp.wal_position: how far the log of a primary is written; tests/operations asks a replica.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(6);

create temporary table positions as
select
    tests.value_as_login('demo_server', 'mcp.wal_position()') as before,
    null::jsonb as after;
select pg_switch_wal();
update pg_temp.positions set after = tests.value_as_login('demo_server', 'mcp.wal_position()');

select is(p.before -> 'is_replica', 'false', 'this is a primary') from pg_temp.positions as p;
select is(
    (
        select array_agg(k.key order by k.key)
        from pg_temp.positions as p
        cross join jsonb_object_keys(p.before) as k (key)
    ),
    array['is_replica', 'position', 'timeline'],
    'nothing else is said'
);
select cmp_ok(
    (p.before ->> 'position')::numeric, '>', 0::numeric, 'a position in bytes'
) from pg_temp.positions as p;
select cmp_ok(
    (p.after ->> 'position')::numeric, '>', (p.before ->> 'position')::numeric,
    'it grows with what is written'
) from pg_temp.positions as p;
select is(
    (p.before ->> 'timeline')::integer, c.timeline_id, 'the timeline, which its files begin with'
) from pg_temp.positions as p cross join pg_control_checkpoint() as c;
select set_eq(
    $$
    select g.object from mcp_migrate.lockdown_grants as g
    where g.role = 'mcp_core' and g.reason = 'how far a replica lags behind its primary'
    $$,
    array[
        'pg_current_wal_insert_lsn()', 'pg_last_wal_replay_lsn()', 'pg_is_in_recovery()',
        'pg_control_recovery()'
    ],
    'what the lock-down gives back for it'
);

select finish();
rollback;
