-- mcp_auth.scope_text, scope_uuid and scope_bigint: the scope in the type that a policy compares.
begin;
set local search_path = tests, ext, public;
select plan(38);

create function pg_temp.set_scope(scope text [])
returns void
language sql
return mcp_auth.set_context(
    row('00000000-0000-7000-8000-0000000000ff', null, 'demo_members', set_scope.scope, null, null)
    ::mcp_auth.identity
);
create function pg_temp.scopes()
returns jsonb
language sql
return jsonb_build_array(
    mcp_auth.scope_text(), mcp_auth.scope_uuid(), mcp_auth.scope_bigint()
);

-- without a context
select is(mcp_auth.scope_text(), null, 'no context: no text');
select is(mcp_auth.scope_uuid(), null, 'no context: no uuid');
select is(mcp_auth.scope_bigint(), null, 'no context: no bigint');

-- each type, and what is not of it
select
    is(
        (select pg_temp.scopes() from pg_temp.set_scope(c.scope)),
        jsonb_build_array(to_jsonb(c.scope), to_jsonb(c.uuids), to_jsonb(c.bigints)),
        c.what
    )
from (
    values
    ('nothing granted', '{}'::text [], '{}'::uuid [], '{}'::bigint []),
    (
        'a uuid',
        array['00000000-0000-7000-8000-00000000000a'],
        array['00000000-0000-7000-8000-00000000000a'::uuid],
        '{}'
    ),
    (
        'a uuid in capitals is the same uuid',
        array['00000000-0000-7000-8000-00000000000A'],
        array['00000000-0000-7000-8000-00000000000a'::uuid],
        '{}'
    ),
    ('bigints', array['1', '-7', '9223372036854775807'], '{}', array[1, -7, 9223372036854775807]),
    ('one too large for a bigint', array['9223372036854775808', '2'], '{}', array[2]),
    ('no bigint: fractions, words, nothing', array['1.5', '1e3', 'one', '', ' '], '{}', '{}'),
    (
        'all sorts', array['acme', '00000000-0000-7000-8000-00000000000b', '42'],
        array['00000000-0000-7000-8000-00000000000b'::uuid], array[42]
    ),
    ('the word NULL is a text', array['NULL', 'null'], '{}', '{}'),
    ('no text of an array', array['{1,2}', '{}'], '{}', '{}')
) as c (what, scope, uuids, bigints);

-- what parts the fields of the context, or the ids of an array, may stand in an id
select
    is(
        (select mcp_auth.scope_text() from pg_temp.set_scope(c.scope)),
        c.scope,
        format('written and read: %s', c.what)
    )
from (
    values
    ('bars', array['auth0|1', '|', '||||||']),
    ('commas, braces and quotes', array['a,b', '{a}', '"', '\', '''']),
    ('other alphabets', array['Ünïcode', '店舗', '🏬']),
    ('control characters', array[e'\x1f', e'a\x1f+b', e'a\x1f-b', e'\x1f|', e'\n']),
    ('many', array(select n::text from generate_series(1, 1000) as n))
) as c (what, scope);
select
    isnt(
        (select mcp_auth.scope_text() from pg_temp.set_scope(array[c.id])),
        array['a|b'],
        format('no other id becomes a|b: %s', to_jsonb(c.id))
    )
from unnest(array[e'a\x1fb', e'a\x1f+b', e'a\x1f-+b', e'a\x1f-|b', 'a+b']) as c (id);

-- a table of each type, as policies ask
create schema test_scopes;
grant usage on schema test_scopes to mcp_tools;
create table test_scopes.by_text (tenant text primary key);
create table test_scopes.by_uuid (tenant uuid primary key);
create table test_scopes.by_bigint (tenant bigint primary key);
do $$
declare
    v_type text;
begin
    foreach v_type in array array['text', 'uuid', 'bigint'] loop
        execute format('alter table test_scopes.by_%s enable row level security', v_type);
        execute format('grant select, insert on test_scopes.by_%s to mcp_tools', v_type);
        execute format(
            'create policy tenant on test_scopes.by_%1$s to mcp_tools'
            ' using (tenant = any((select mcp_auth.scope_%1$s())::%1$s[]))', v_type
        );
    end loop;
end
$$;
insert into test_scopes.by_text (tenant) values ('acme'), ('Acme'), ('42');
insert into test_scopes.by_uuid (tenant)
values ('00000000-0000-7000-8000-00000000000a'), ('00000000-0000-7000-8000-00000000000b');
insert into test_scopes.by_bigint (tenant) values (42), (43);
insert into tests.credentials (who, credential)
select
    c.who,
    mcp_auth.create_api_key(mcp_auth.add_user('Test ' || c.who, 'demo_members', c.scope))
from (
    values
    ('of_acme', array['acme']),
    ('of_42', array['42', '44']),
    ('of_a', array['00000000-0000-7000-8000-00000000000a']),
    ('of_none', '{}')
) as c (who, scope);
select
    results_eq(
        format(
            'select array(select r #>> ''{tenant}'''
            ' from tests.rows_as(tests.credential(%L), %L) as r)',
            c.who,
            format('select t.tenant from test_scopes.by_%s as t order by t.tenant', c.type)
        ),
        format('values (%L::text [])', c.tenants),
        format('%s by %s: %s', c.who, c.type, c.tenants)
    )
from (
    values
    ('of_acme', 'text', array['acme']),
    ('of_acme', 'uuid', '{}'),
    ('of_acme', 'bigint', '{}'),
    ('of_42', 'text', array['42']),
    ('of_42', 'bigint', array['42']),
    ('of_a', 'uuid', array['00000000-0000-7000-8000-00000000000a']),
    ('of_a', 'bigint', '{}'),
    ('of_none', 'text', '{}')
) as c (who, type, tenants);
select
    throws_ok(
        tests.writes(c.who, format('insert into test_scopes.by_%s values (%L)', c.type, c.tenant)),
        '42501',
        format('new row violates row-level security policy for table "by_%s"', c.type),
        format('%s writes no other tenant by %s', c.who, c.type)
    )
from (values ('of_acme', 'text', 'ACME'), ('of_acme', 'bigint', '44')) as c (who, type, tenant);
select results_eq(
    tests.writes('of_42', 'insert into test_scopes.by_bigint values (44)'), array[1],
    'of_42 writes the own one by bigint'
);
select
    throws_ok(
        format('select mcp_auth.add_user(%L, %L, %L)', 'Test X', 'demo_members', c.scope),
        '23514',
        'new row for relation "users" violates check constraint "users_scope_check"',
        format('not granted: %s', c.what)
    )
from (
    values (array[e'a\x1fb'], 'an id with control characters'), (array[null::text], 'no id')
) as c (scope, what);

-- a plan that is kept must not keep its answer
select volatility_is('mcp_auth', f.name, array[]::text [], 'stable')
from unnest(array['scope_text', 'scope_uuid', 'scope_bigint']) as f (name);

select finish();
rollback;
