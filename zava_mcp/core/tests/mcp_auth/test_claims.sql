-- mcp_auth.claim, kept_claims, claim_rules, claimed_identity and request.jwt.claims: what is known
-- of a caller beside audience and scope, and who comes in by a token alone.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(100);
select tests.load_fixture();
-- length: a random key might read like a line of TAP
select length(mcp_auth.rotate_signing_key('assertion'));

create function pg_temp.assertion(subject text, claims text, purpose text default 'assertion')
returns text
language sql
return (
    select
        s.text || '_' || mcp_auth.sign(
            assertion.purpose,
            concat_ws('|', s.text, encode(sha256('{}'), 'hex'), '', '/authenticate')
        )
    from (
        select
            format(
                'assert_%s_%s_%s',
                encode(convert_to(assertion.subject, 'UTF8'), 'hex'),
                floor(extract(epoch from statement_timestamp() + interval '15 seconds')),
                encode(convert_to(assertion.claims, 'UTF8'), 'hex')
            ) as text
    ) as s
);
create function pg_temp.caller(subject text, claims jsonb)
returns text
language sql
return (
    select concat_ws(' ', i.name, i.audience, i.scope, i.claims, i.credential_id)
    from mcp_auth.identify(
        pg_temp.assertion(
            caller.subject, (jsonb_build_object('iss', 'https://id.example') || caller.claims)::text
        )
    ) as i
);
create function pg_temp.refused(credential text, constraint_name text default '')
returns boolean
language sql
return tests.error_of(format('select mcp_auth.identify(%L)', refused.credential))
= '{"code": "28000", "message": "invalid credential", "hint": "Ask for a new API key.",
"column": ""}' || jsonb_build_object('constraint', refused.constraint_name);

-- a user's own claims
update mcp_auth.users
set claims = '{"region": "north", "level": 3, "teams": ["x", "y|z"], "nothing": null, "ok": true}'
where name = 'Test member_a';
select is(
    (mcp_auth.begin_request(tests.credential('member_a'))).claims ->> 'region',
    'north',
    'in the identity'
);
select
    is(
        mcp_auth.claim(c.name),
        c.value,
        format('claim(%s) is %s', c.name, coalesce(c.value, 'null'))
    )
from (
    values
    ('region', 'north'), ('level', '3'), ('teams', '["x", "y|z"]'), ('ok', 'true'),
    ('nothing', null), ('Region', null), ('', null), (null, null), ('sub', null)
) as c (name, value);
select is(
    (select mcp_auth.claim('region') from mcp_auth.begin_request(tests.credential('member_b'))),
    null,
    'another caller has no claim'
);
select is(
    (select mcp_auth.claim('region') from mcp_auth.clear_context()),
    null,
    'without a context no claim'
);
select volatility_is('mcp_auth', 'claim', array['text'], 'stable');
select
    throws_ok(
        format(
            'select mcp_auth.add_user(%L, %L, %L, null, %L)',
            'Test X',
            'demo_members',
            '{}',
            c.claims
        ),
        '23514',
        'new row for relation "users" violates check constraint "users_claims_check"',
        format('no claims: %s', left(c.claims, 10))
    )
from unnest(
    array['[]', '"x"', '1', jsonb_build_object('x', repeat('y', 8192))::text]
) as c (claims);

-- a policy that asks for a claim
create schema test_claims;
grant usage on schema test_claims to mcp_tools, mcp_sandbox;
create table test_claims.regions (region text primary key);
insert into test_claims.regions (region) values ('north'), ('south');
alter table test_claims.regions enable row level security;
grant select, insert, update on test_claims.regions to mcp_tools;
grant select on test_claims.regions to mcp_sandbox;
create policy own on test_claims.regions to mcp_tools, mcp_sandbox
using (region = (select mcp_auth.claim('region')));
select
    results_eq(
        tests.reads(c.who, 'select t.region from test_claims.regions as t order by 1', r.role),
        c.regions,
        format('%s reads %s as %s', coalesce(c.who, 'no one'), c.regions, r.role)
    )
from (
    values ('member_a', array['north']), ('member_b', '{}'), (null, '{}')
) as c (who, regions)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);
select throws_ok(
    tests.writes('member_a', 'insert into test_claims.regions values (''west'')'),
    '42501',
    'new row violates row-level security policy for table "regions"',
    'no row of another region'
);

-- forged: what a caller's SQL may write, with the parts of the own context in hand
create temp table own on commit drop as
select string_to_array(current_setting('app.current_rls_user_id'), '|') as part
from mcp_auth.begin_request(tests.credential('member_a'));
select
    throws_ok(
        format(
            'select * from tests.rows_with(%L, %L, %L)',
            f.context,
            'select * from test_claims.regions',
            r.role
        ),
        '42501',
        'invalid request context',
        format('%s: %s', r.role, f.how)
    )
from own as o
cross join
    lateral (
        values
        (
            'another region',
            array_to_string(o.part[:5] || '{"region": "south"}'::text || o.part[7:], '|')
        ),
        ('claims of nobody', array_to_string(o.part[:5] || '{}'::text || o.part[7:], '|')),
        (
            'a claim more',
            array_to_string(o.part[:5] || replace(o.part[6], '{', '{"a": 1, ') || o.part[7:], '|')
        ),
        (
            'a field more',
            array_to_string(o.part[:6] || '{"region": "south"}'::text || o.part[7:], '|')
        ),
        ('a field less', array_to_string(o.part[:5] || o.part[7:], '|')),
        (
            'claims in the scope',
            array_to_string(o.part[:2] || '{a}|{"region": "south"}'::text || o.part[4:], '|')
        ),
        (
            'signed as a cursor is',
            array_to_string(o.part[:5] || '{"region": "south"}'::text, '|') || '|'
            || mcp_auth.sign(
                'cursor', array_to_string(o.part[:5] || '{"region": "south"}'::text, '|')
            )
        ),
        (
            'request.jwt.claims in its place',
            set_config('request.jwt.claims', '{"region": "south"}', true)
        )
    ) as f (how, context)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);
select set_config('request.jwt.claims', '', true);

-- a token: which of its claims are kept
update mcp_auth.users set external_id = 'registered' where name = 'Test member_a';
select is(
    pg_temp.caller('registered', '{"region": "south", "tenant": 7, "sub": "somebody"}'),
    'Test member_a demo_members {00000000-0000-7000-8000-00000000000a} {"ok": true, "level": 3, '
    '"teams": ["x", "y|z"], "region": "north", "nothing": null} oauth',
    'none, unless they are named; the subject is that of the assertion'
);
update mcp_catalog.settings set value = '["region", "tenant", "sub"]' where name = 'kept_claims';
select is(
    mcp_auth.kept_claims('{"region": "south", "tenant": 7, "email": "a@b.example"}'),
    '{"region": "south", "tenant": 7}',
    'those that are named'
);
select is(mcp_auth.kept_claims(null), '{}', 'no token, no claims');
select is(
    pg_temp.caller(
        'registered', '{"region": "south", "tenant": 7, "sub": "somebody", "email": "x"}'
    ),
    'Test member_a demo_members {00000000-0000-7000-8000-00000000000a} {"ok": true, '
    '"sub": "registered", "level": 3, "teams": ["x", "y|z"], "region": "north", "tenant": 7, '
    '"nothing": null} oauth',
    'what is registered goes before what the token says'
);
select is(
    (mcp_auth.identify(tests.credential('member_b'))).claims, '{}', 'an API key brings none'
);

-- no rule, no entry
select ok(
    pg_temp.refused(
        pg_temp.assertion('stranger', '{"iss": "https://id.example", "groups": ["staff"]}')
    ),
    'nobody who is not registered comes in'
);
select is(
    mcp_auth.add_claim_rule('https://id.example', '{groups}', 'admins', 'demo_admins', '{tenants}'),
    1, 'the first rule'
);
select is(
    mcp_auth.add_claim_rule(
        'https://id.example', '{realm,roles}', 'staff', 'demo_members', '{tenant}'
    ),
    2, 'the second comes after it'
);
select is(
    mcp_auth.add_claim_rule('https://id.example', '{member}', 'true', 'demo_members', null, 9),
    9,
    'and one far behind'
);
select is(
    mcp_auth.add_claim_rule('https://other.example', '{groups}', 'staff', 'demo_admins'), 1,
    'each issuer has its own'
);
select is(pg_temp.caller('stranger', c.claims), c.caller, format('comes in: %s', c.what))
from (
    values
    (
        'one of an array',
        '{"groups": ["x", "admins"], "tenants": ["a", 7, null, {"b": 1}, ["c"], true]}'::jsonb,
        'stranger demo_admins {a,7} {"sub": "stranger"} oauth'
    ),
    ('a string', '{"groups": "admins"}', 'stranger demo_admins {} {"sub": "stranger"} oauth'),
    (
        'at a path, with a scope of one number', '{"realm": {"roles": ["staff"]}, "tenant": 42}',
        'stranger demo_members {42} {"sub": "stranger", "tenant": 42} oauth'
    ),
    (
        'by two rules: the first',
        '{"groups": "admins", "realm": {"roles": ["staff"]}, "tenant": 42}',
        'stranger demo_admins {} {"sub": "stranger", "tenant": 42} oauth'
    ),
    ('a boolean', '{"member": true}', 'stranger demo_members {} {"sub": "stranger"} oauth'),
    (
        'ids with bars and quotes', '{"groups": "admins", "tenants": ["a|b", "c\"d", "e,f"]}',
        'stranger demo_admins {a|b,"c\"d","e,f"} {"sub": "stranger"} oauth'
    ),
    (
        'ids with control characters are none',
        '{"groups": "admins", "tenants": ["a\nb", "\u001f", "c"]}',
        'stranger demo_admins {c} {"sub": "stranger"} oauth'
    )
) as c (what, claims, caller);
select
    ok(
        pg_temp.refused(pg_temp.assertion(c.subject, c.claims)),
        format('refused: %s', c.what)
    )
from (
    values
    ('stranger', '{"iss": "https://id.example"}', 'no such claim'),
    (
        'stranger',
        '{"iss": "https://id.example", "groups": ["Admins", "admin", "admins "]}',
        'another value'
    ),
    ('stranger', '{"iss": "https://id.example", "groups": "x admins"}', 'a part of a string'),
    (
        'stranger',
        '{"iss": "https://id.example", "groups": {"admins": true}}',
        'the key of an object'
    ),
    (
        'stranger',
        '{"iss": "https://id.example", "groups": [["admins"], {"admins": 1}]}',
        'deeper than it is looked for'
    ),
    ('stranger', '{"iss": "https://id.example", "groups": null}', 'null'),
    ('stranger', '{"iss": "https://id.example", "member": false}', 'false'),
    ('stranger', '{"iss": "https://id.example", "realm.roles": ["staff"]}', 'a name like a path'),
    (
        'stranger',
        '{"iss": "https://other.example", "groups": ["admins"]}',
        'the rule of another issuer'
    ),
    (
        'stranger',
        '{"iss": "https://ID.example", "groups": ["admins"]}',
        'an issuer in other letters'
    ),
    ('stranger', '{"iss": ["https://id.example"], "groups": ["admins"]}', 'two issuers'),
    ('stranger', '{"groups": ["admins"]}', 'no issuer')
) as c (subject, claims, what);
update mcp_auth.users set is_active = false where name = 'Test member_a';
select ok(
    pg_temp.refused(
        pg_temp.assertion('registered', '{"iss": "https://id.example", "groups": ["admins"]}')
    ),
    'refused: who is registered and not active, whatever the rules say'
);
update mcp_auth.users set is_active = true where name = 'Test member_a';
select is(
    pg_temp.caller('registered', '{"groups": ["admins"]}'),
    pg_temp.caller('registered', '{}'),
    'for who is registered the rules change nothing'
);
select throws_ok(
    $$select mcp_auth.add_claim_rule('https://id.example', '{groups}', 'x', 'no_such_audience')$$,
    '23503', null, 'a rule names an audience that exists'
);
select
    throws_ok(
        format(
            $$select mcp_auth.add_claim_rule('https://id.example', %L, 'x', 'demo_members')$$,
            c.claim
        ),
        '23514', null, format('no path: %s', c.claim)
    )
from unnest(array['{}', '{null}']) as c (claim);

-- the same claims, the same id and the same answers; others others
select isnt(
    mcp_auth.claimed_user_id('https://id.example', 'a'),
    mcp_auth.claimed_user_id('https://id.example', 'b'),
    'two subjects, two ids'
);
select isnt(
    mcp_auth.claimed_user_id('ab', 'c'), mcp_auth.claimed_user_id('a', 'bc'), 'two issuers, two ids'
);
select is(
    mcp_auth.claimed_user_id('https://id.example', 'a')::text,
    mcp_auth.claimed_user_id('https://id.example', 'a')::text,
    'the same id always'
);
create function pg_temp.digest(subject text, claims text)
returns text
language sql
return mcp.authenticate(pg_temp.assertion(digest.subject, digest.claims)) ->> 'scope_digest';
update mcp_catalog.settings set value = '["region"]' where name = 'kept_claims';
select is(
    pg_temp.digest('x', '{"iss": "https://id.example", "member": true, "email": "x"}'),
    pg_temp.digest('y', '{"iss": "https://id.example", "member": true, "email": "y"}'),
    'claims that are not kept part no answers'
);
select isnt(
    pg_temp.digest('x', '{"iss": "https://id.example", "member": true, "region": "x"}'),
    pg_temp.digest('x', '{"iss": "https://id.example", "member": true, "region": "y"}'),
    'claims that are kept do'
);

-- an assertion whose claims were changed
select ok(pg_temp.refused(c.credential, 'assertion_signature'), format('refused: %s', c.what))
from pg_temp.assertion('stranger', '{"iss": "https://id.example", "groups": ["x"]}') as a (good)
cross join lateral (
    values
    (
        'other claims under the signature',
        regexp_replace(
            a.good, '_[0-9a-f]+_([0-9a-f]{64})$',
            '_' || encode('{"iss": "https://id.example", "groups": ["admins"]}', 'hex') || '_\1'
        )
    ),
    (
        'claims added to an assertion without',
        regexp_replace(
            'assert_61_1900000000_' || repeat('0', 64), '_([0-9a-f]{64})$',
            '_' || encode('{"iss": "https://id.example", "groups": ["admins"]}', 'hex') || '_\1'
        )
    ),
    ('claims taken away', regexp_replace(a.good, '_[0-9a-f]+_([0-9a-f]{64})$', '_\1')),
    (
        'signed with the key of the context',
        pg_temp.assertion(
            'stranger', '{"iss": "https://id.example", "groups": ["admins"]}', 'context'
        )
    )
) as c (what, credential);

-- request.jwt.claims, for policies that were written for PostgREST
create function pg_temp.jwt_claims(who text)
returns text
language sql
return (
    select current_setting('request.jwt.claims', true)
    from mcp_auth.begin_request(tests.credential(jwt_claims.who))
);
update mcp_auth.users set claims = '{"region": "north"}' where name = 'Test member_a';
select is(coalesce(pg_temp.jwt_claims('member_a'), ''), '', 'it is not written unless that is on');
update mcp_catalog.settings set value = 'true' where name = 'jwt_claims';
select is(pg_temp.jwt_claims('member_a'), '{"region": "north"}', 'on, it has the claims');
select is(pg_temp.jwt_claims('member_b'), '{}', 'the next caller has nothing of them');
-- what the lock-down takes from tools
grant execute on function pg_catalog.current_setting(text, boolean) to mcp_tools;
create function demo_api.test_jwt()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select current_setting('request.jwt.claims', true)::jsonb ->> 'region';
end;
select tests.offer('demo_api.test_jwt()', 'Region.');
create function demo_api.test_jwt_query()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select 'text of a caller';
end;
select tests.offer('demo_api.test_jwt_query()', E'Region.\n\n@tool sandbox', 'mcp_sandbox');
select mcp_catalog.refresh_catalog();
select is(tests.call('member_a', 'test_jwt'), '{"value": "north"}', 'a tool reads it');
-- a caller's SQL must not be able to write it
grant execute on function pg_catalog.set_config(text, text, boolean) to mcp_sandbox;
select is(
    tests.refusal('member_a', 'test_jwt_query') - 'column' - 'constraint',
    '{"code": "42501", "message": "test_jwt_query is off: its SQL could change request.jwt.claims",
    "hint": "Lock the database down, or leave claims.jwt out of zava.toml."}',
    'SQL of a caller that could change it is not run'
);
select is(tests.call('member_a', 'test_jwt'), '{"value": "north"}', 'other tools are');
revoke execute on function pg_catalog.set_config(text, text, boolean) from public, mcp_sandbox;
select is(
    tests.call('member_a', 'test_jwt_query'),
    '{"value": "text of a caller"}',
    'where it could not, it is run'
);
update mcp_catalog.settings set value = 'false' where name = 'jwt_claims';
grant execute on function pg_catalog.set_config(text, text, boolean) to mcp_sandbox;
select set_config('request.jwt.claims', '', true);
select is(
    tests.call('member_a', 'test_jwt_query'),
    '{"value": "text of a caller"}',
    'and so it is while claims are not copied'
);

-- nobody but the entry points
select
    is(
        has_function_privilege(r.role, f.function, 'execute'),
        false,
        format('%s may not execute %s', r.role, f.function)
    )
from unnest(array['mcp_tools', 'mcp_sandbox', 'demo_server']) as r (role)
cross join unnest(
    array[
        'mcp_auth.claimed_identity(jsonb)', 'mcp_auth.kept_claims(jsonb)',
        'mcp_auth.add_claim_rule(text, text[], text, name, text[], integer)'
    ]
) as f (function);

select finish();
rollback;
