-- mcp_auth.add_audience, list_audiences, check_audience and remove_audience: a role that carries
-- EXECUTE on tools.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(28);
select tests.load_fixture();

create function pg_temp.audience(name name)
returns text
language sql
return (select a.description from mcp_auth.audiences as a where a.audience = name);

select mcp_auth.add_audience('test_crew', 'The crew.');
select has_role('test_crew', 'add_audience: the role is created');
select is(
    (select r.rolcanlogin from pg_catalog.pg_roles as r where r.rolname = 'test_crew'),
    false,
    'add_audience: it may not log in'
);
select is(pg_temp.audience('test_crew'), 'The crew.', 'add_audience: it is an audience');
select mcp_auth.add_audience('test_crew', 'Everybody aboard.');
select
    is(
        pg_temp.audience('test_crew'),
        'Everybody aboard.',
        'add_audience: a second call describes it'
    );
select is_empty(
    $$select c.problem from mcp_migrate.check_roles as c where c.object = 'test_crew'$$,
    'add_audience: the checks accept it'
);
create role test_guests nologin;
select mcp_auth.add_audience('test_guests', 'Guests.');
select is(pg_temp.audience('test_guests'), 'Guests.', 'add_audience: a role that exists will do');
select results_eq(
    $$
    select
        m.kind,
        m.name,
        m.tree
    from mcp_migrate.made as m
    where m.oid in ('test_crew'::regrole, 'test_guests'::regrole)
    $$,
    $$values ('role', 'test_crew', 'core')$$,
    'add_audience: the ledger has the role that it created, not the one that was there'
);
select
    throws_ok(
        format('select mcp_auth.add_audience(%L, %L)', a.name, a.description),
        a.code,
        null,
        format('add_audience: refused: %s', a.what)
    )
from (
    values
    ('Crew', 'Capitals.', '23514', 'a name with a capital'),
    ('test crew', 'A blank.', '23514', 'a name with a blank'),
    ('test_mates', null, '23502', 'no description'),
    ('demo_server', 'A login.', '42809', 'a login')
) as a (name, description, code, what);
select hasnt_role('test_mates', 'add_audience: nothing is left of what is refused');

-- removed with who belongs to it, and nobody else
select tests.add_caller('sailor', 'test_crew', '{}');
select tests.add_caller('guest', 'test_guests', '{}');

-- listed, and missed
grant execute on function demo_api.list_notes() to test_crew;
select is(
    (select to_jsonb(a.*) from mcp_auth.list_audiences() as a where a.audience = 'test_crew'),
    '{"audience": "test_crew", "description": "Everybody aboard.", "users": 1, "tools": 1}',
    'list_audiences: with its users and its tools'
);
select is(
    (select a.tools from mcp_auth.list_audiences() as a where a.audience = 'test_guests'),
    0,
    'list_audiences: an audience without a grant has none'
);
revoke execute on function demo_api.list_notes() from test_crew;
select is(
    tests.error_of('select mcp_auth.check_audience(''test_crew'')'),
    null,
    'check_audience: one that there is'
);
select is(
    tests.error_of('select mcp_auth.check_audience(''Test_crew'')') ->> 'hint',
    format(
        'The audiences are: %s.',
        (
            select string_agg(a.audience, ', ' order by a.audience)
            from mcp_auth.audiences as a
        )
    ),
    'check_audience: of one that there is not the error names those there are'
);

insert into mcp_auth.limits (audience, calls_per_minute, concurrent_calls, concurrent_queries)
values ('test_crew', 10, 2, 1);
create temp table before_it on commit drop as
select
    (select count(*) from mcp_auth.users) as users,
    (select count(*) from mcp_auth.api_keys) as keys,
    (select count(*) from mcp_auth.limits) as limits;
select is(
    (mcp_auth.identify(tests.credential('sailor'))).audience,
    'test_crew',
    'remove_audience: before it'
);
select mcp_auth.remove_audience('test_crew');
select is(pg_temp.audience('test_crew'), null, 'remove_audience: it is gone');
select throws_ok(
    $$select mcp_auth.identify(tests.credential('sailor'))$$,
    '28000',
    'invalid credential',
    'remove_audience: so are its keys'
);
select results_eq(
    $$
    select
        (select count(*) from mcp_auth.users),
        (select count(*) from mcp_auth.api_keys),
        (select count(*) from mcp_auth.limits)
    $$,
    'select b.users - 1, b.keys - 1, b.limits - 1 from before_it as b',
    'remove_audience: one user, one key and one limit'
);
select is(
    (mcp_auth.identify(tests.credential('guest'))).audience,
    'test_guests',
    'remove_audience: who belongs to another one stays'
);
select has_role('test_crew', 'remove_audience: the role stays');
select lives_ok(
    $$select mcp_auth.remove_audience('test_crew')$$,
    'remove_audience: again, there is nothing to do'
);

-- who may execute them
select is_empty(
    $$
    select
        r.role,
        f.function
    from unnest(array['mcp_tools', 'mcp_sandbox', 'mcp_server', 'demo_members', 'public']) as r (role)
    cross join unnest(
        array['mcp_auth.add_audience(name, text, boolean)', 'mcp_auth.remove_audience(name)']
    ) as f (function)
    where has_function_privilege(r.role, f.function, 'execute')
    $$,
    'neither tools nor servers nor callers may execute them'
);
select throws_ok(
    tests.reads(null, 'select mcp_auth.add_audience(''test_more'', ''X.'')', 'mcp_core'),
    '42501',
    null,
    'nor may its owner create a role'
);

-- a role that is gone: its users are refused as any other, and the list goes on
select tests.stranger();
select is(
    (select i.audience from mcp_auth.identify(tests.credential('stranger')) as i),
    'tests_strangers',
    'a caller of an audience'
);
drop role tests_strangers;
select is(
    tests.error_of(format('select mcp_auth.identify(%L)', tests.credential('stranger')))
    - array['hint', 'column', 'constraint'],
    '{"code": "28000", "message": "invalid credential"}',
    'without the role of the audience it is refused'
);
select is(
    (select to_jsonb(a.*) from mcp_auth.list_audiences() as a where a.audience = 'tests_strangers'),
    '{
        "audience": "tests_strangers", "description": "Made by a test.", "users": 1, "tools": 0
    }',
    'list_audiences: it has no tool'
);

select finish();
rollback;
