-- What the lock-down is made of: access, lockdown_changes, acl_of, is_same_acl and restore_acl.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(20);

create role test_reader nologin;
create role test_writer nologin;
create schema test_acl;
create table test_acl.notes (note text, secret text);
create function test_acl.one() returns integer language sql return 1;

-- is_same_acl: what is granted, in whatever order; null is the usual list
select
    is(
        mcp_migrate.is_same_acl(c.one::aclitem [], c.other::aclitem [], c.usual::aclitem []),
        c.expected,
        format('%s and %s', coalesce(c.one, 'null'), coalesce(c.other, 'null'))
    )
from (
    values
    ('{=r/postgres}', '{=r/postgres}', '{}', true),
    ('{test_reader=r/postgres,=r/postgres}', '{=r/postgres,test_reader=r/postgres}', '{}', true),
    ('{=r/postgres}', '{=rw/postgres}', '{}', false),
    ('{=rw/postgres}', '{=r/postgres}', '{}', false),
    (null, '{=X/postgres}', '{=X/postgres}', true),
    (null, '{=X/postgres}', '{}', false),
    (null, null, '{=X/postgres}', true),
    (null, null, '{}', true),
    (null, '{}', '{}', true)
) as c (one, other, usual, expected);

-- acl_of and restore_acl: null again where it was the default, and nothing that grants less or more
select
    is(
        mcp_migrate.acl_of('function', 'test_acl.one()', ''), null, 'a new function has the default'
    );
grant execute on function test_acl.one() to test_reader;
revoke execute on function test_acl.one() from test_reader;
select
    isnt(
        mcp_migrate.acl_of('function', 'test_acl.one()', ''),
        null,
        'after a grant it is written out'
    );
select mcp_migrate.restore_acl('function', 'test_acl.one()', '', null);
select
    is(
        mcp_migrate.acl_of('function', 'test_acl.one()', ''),
        null,
        'restored, it is the default again'
    );
grant select (note) on test_acl.notes to test_reader, test_writer;
select
    mcp_migrate.restore_acl(
        'table', 'test_acl.notes', 'note', '{test_writer=r/postgres,test_reader=r/postgres}'
    );
select is(
    mcp_migrate.acl_of('table', 'test_acl.notes', 'note'),
    '{test_writer=r/postgres,test_reader=r/postgres}',
    'the same grants in another order'
);
select mcp_migrate.restore_acl('table', 'test_acl.notes', 'note', '{test_reader=r/postgres}');
select is(
    mcp_migrate.acl_of('table', 'test_acl.notes', 'note'),
    '{test_writer=r/postgres,test_reader=r/postgres}',
    'a list that grants less is not written'
);
select
    is(
        mcp_migrate.acl_of('table', 'test_acl.notes', 'secret'),
        null,
        'nor is another column changed'
    );

select lives_ok(
    $$select mcp_migrate.restore_acl('table', 'test_acl.notes', 'secret', null)$$,
    'a column without a list stays without'
);

-- access and lockdown_changes: nobody may use what is forbidden, until somebody is granted it
select mcp_migrate.lock_down();
select is_empty(
    $$select c.object from mcp_migrate.lockdown_changes() as c$$,
    'locked down, there is nothing to change'
);
select is(
    (select count(*) from mcp_migrate.access() as a where a.grantee = 0),
    0::bigint,
    'PUBLIC has nothing of it'
);
grant execute on function pg_sleep(double precision) to public;
select results_eq(
    $$
    select a.kind, a.object, a.privilege from mcp_migrate.access() as a where a.grantee = 0
    $$,
    $$values ('function', 'pg_sleep(double precision)', 'execute')$$,
    'what PUBLIC may use is listed'
);
select results_eq(
    $$
    select c.is_grant, c.kind, c.object, c.role::text, c.privilege
    from mcp_migrate.lockdown_changes() as c
    $$,
    $$values (false, 'function', 'pg_sleep(double precision)', null::text, 'execute')$$,
    'and is what a lock-down would take'
);

select finish();
rollback;
