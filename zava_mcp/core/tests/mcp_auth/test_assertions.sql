-- mcp_auth.assertion_claims, use_once, spend, and the entry points with an assertion: for one
-- subject, one action, its arguments and one request, for half a minute, and for one write.
begin;
set local search_path = tests, ext, public;
select plan(65);
select tests.load_fixture();
update mcp_auth.users set external_id = 'sübject|_1' where name = 'Test member_a';
update mcp_auth.users set external_id = 'subject-2' where name = 'Test member_b';
-- length: a random key might read like a line of TAP
select length(mcp_auth.rotate_signing_key('assertion'));

create function pg_temp.assertion(
    subject text,
    action text,
    arguments text default '{}',
    request_id text default '',
    life interval default '15 seconds',
    purpose text default 'assertion'
)
returns text
language sql
return (
    select
        s.text || '_' || mcp_auth.sign(
            assertion.purpose,
            concat_ws(
                '|', s.text, encode(sha256(convert_to(assertion.arguments, 'UTF8')), 'hex'),
                assertion.request_id, assertion.action
            )
        )
    from (
        select
            format(
                'assert_%s_%s',
                encode(convert_to(assertion.subject, 'UTF8'), 'hex'),
                floor(extract(epoch from statement_timestamp() + assertion.life))
            ) as text
    ) as s
);

-- a volatile tool and one that is not
create function demo_api.test_writes(word text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if test_writes.word = 'bad' then
        perform mcp_tool.invalid('word', 'another word');
    end if;
    return test_writes.word || ' of ' || (select (mcp_auth.current_user_id())::text);
end
$$;
select tests.offer('demo_api.test_writes(text)', E'Write.\n\n@param word  A word.');
create function demo_api.test_reads(word text)
returns uuid[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select mcp_auth.scope_uuid();
end;
select tests.offer('demo_api.test_reads(text)', E'Read.\n\n@param word  A word.');
select mcp_catalog.refresh_catalog();

-- who it is
select
    is(
        mcp_auth.identify(
            pg_temp.assertion(s.subject, 'test_reads', '{"word": "w"}', 'r1'),
            'test_reads', '{"word": "w"}', 'r1'
        ),
        row(
            u.user_id, u.name, u.audience, array[tests.tenant(s.tenant)], 'oauth', '{}'
        )::mcp_auth.identity,
        format('%s: the user with this external id', s.subject)
    )
from (values ('sübject|_1', 'a'), ('subject-2', 'b')) as s (subject, tenant)
inner join mcp_auth.users as u on s.subject = u.external_id;
select is(
    mcp.call_tool(
        pg_temp.assertion('sübject|_1', 'test_reads', '{"word": "w"}', 'r1'),
        'test_reads', '{"word": "w"}', '{"request_id": "r1"}'
    ),
    jsonb_build_object('value', array[tests.tenant('a')]),
    'a call reads the rows of its subject'
);
select is(
    mcp.authenticate(pg_temp.assertion('subject-2', '/authenticate'))
    - array['scope_digest', 'limits', 'ticket'],
    jsonb_build_object(
        'user_id', (select u.user_id from mcp_auth.users as u where u.external_id = 'subject-2'),
        'name', 'Test member_b', 'audience', 'demo_members', 'credential_id', 'oauth',
        'is_developer', false
    ),
    'authenticate'
);
select is(
    mcp.list_tools(pg_temp.assertion('subject-2', '/list_tools')),
    mcp.list_tools(tests.credential('member_b')),
    'list_tools, as with a key of the same audience'
);
select is(
    (
        select count(distinct mcp.call_tool(a.assertion, 'test_reads', '{"word": "w"}', r.request))
        from pg_temp.assertion('sübject|_1', 'test_reads', '{"word": "w"}', 'r1') as a (assertion)
        cross join (values ('{"request_id": "r1"}'::jsonb), ('{"request_id": "r1"}')) as r (request)
    ),
    1::bigint,
    'the same read again gives the same answer'
);
select is(
    (
        mcp_auth.identify(
            pg_temp.assertion(
                'subject-2', 'test_reads', '{"a": 1.50, "bb": [true, null, "é\n"]}', 'r'
            ),
            'test_reads', ('{"bb":[true,null,"\u00e9\n"], "a":1.50}'::jsonb)::text, 'r'
        )
    ).name,
    'Test member_b',
    'the arguments are hashed as PostgreSQL prints them'
);

-- anything else than what was signed looks like every bad credential
create temp table refused on commit drop as
select r.*
from
    (
        values
        ('another tool', pg_temp.assertion('subject-2', 'test_writes', '{"word": "w"}', 'r1')),
        ('other arguments', pg_temp.assertion('subject-2', 'test_reads', '{"word": "v"}', 'r1')),
        ('other spaces', pg_temp.assertion('subject-2', 'test_reads', '{"word":"w"}', 'r1')),
        ('another request', pg_temp.assertion('subject-2', 'test_reads', '{"word": "w"}', 'r2')),
        ('no request', pg_temp.assertion('subject-2', 'test_reads', '{"word": "w"}', '')),
        ('another entry point', pg_temp.assertion('subject-2', '/list_tools')),
        (
            'expired',
            pg_temp.assertion('subject-2', 'test_reads', '{"word": "w"}', 'r1', '-1 second')
        ),
        (
            'too long a life',
            pg_temp.assertion('subject-2', 'test_reads', '{"word": "w"}', 'r1', '32 seconds')
        ),
        (
            'an unknown subject',
            pg_temp.assertion('subject-3', 'test_reads', '{"word": "w"}', 'r1')
        ),
        ('an empty subject', pg_temp.assertion('', 'test_reads', '{"word": "w"}', 'r1')),
        (
            'the id of a user in the place of the subject',
            pg_temp.assertion(
                (select u.user_id::text from mcp_auth.users as u where u.external_id = 'subject-2'),
                'test_reads', '{"word": "w"}', 'r1'
            )
        ),
        (
            'signed with the key of the context',
            pg_temp.assertion(
                'subject-2', 'test_reads', '{"word": "w"}', 'r1', '15 seconds', 'context'
            )
        ),
        ('no signature', 'assert_7375626a6563742d32_1900000000_'),
        ('a signature of nothing', 'assert_7375626a6563742d32_1900000000_' || repeat('0', 64)),
        ('another subject under the signature', regexp_replace(
            pg_temp.assertion('sübject|_1', 'test_reads', '{"word": "w"}', 'r1'),
            '^assert_[0-9a-f]+_', 'assert_7375626a6563742d32_'
        )),
        ('a later expiry under the signature', regexp_replace(
            pg_temp.assertion('subject-2', 'test_reads', '{"word": "w"}', 'r1'),
            '_[0-9]+_([0-9a-f]+)$', '_1900000000_\1'
        )),
        ('the signature in capitals', (
            select left(a.a, -64) || upper(right(a.a, 64))
            from pg_temp.assertion('subject-2', 'test_reads', '{"word": "w"}', 'r1') as a (a)
        )),
        (
            'something after it',
            pg_temp.assertion('subject-2', 'test_reads', '{"word": "w"}', 'r1') || '_x'
        ),
        ('a part less', 'assert_7375626a6563742d32_1900000000'),
        ('the prefix alone', 'assert_'),
        ('no numbers', 'assert_x_y_z'),
        ('long', 'assert_' || repeat('_', 100000))
    ) as r (what, credential);
select
    is(
        tests.error_of(
            format(
                'select mcp.call_tool(%L, %L, %L, %L)',
                r.credential, 'test_reads', '{"word": "w"}', '{"request_id": "r1"}'
            )
        ),
        -- the server alone sees the constraint
        format(
            '{"code": "28000", "message": "invalid credential", "hint": "Ask for a new API key.",
        "column": "", "constraint": "%s"}',
            case
                when r.what in ('expired', 'too long a life') then 'assertion_time'
                when r.what !~ '(an unknown subject|an empty subject|the id of a user)'
                    then 'assertion_signature'
            end
        )::jsonb,
        format('refused: %s', r.what)
    )
from refused as r;

-- no part of what is signed can be taken for another
select
    throws_ok(
        format(
            'select mcp_auth.identify(%L, %L, %L, %L)',
            pg_temp.assertion('subject-2', 'x|test_reads', '{}', 'r1'),
            'test_reads', '{}', 'r1|x'
        ),
        '28000',
        'invalid credential',
        'a bar moves nothing from the action to the request'
    );
select
    throws_ok(
        format(
            'select mcp_auth.identify(%L, %L, %L, %L)',
            pg_temp.assertion('subject-2', 'test_reads'), f.action, f.arguments, f.request_id
        ),
        '28000',
        'invalid credential',
        format('null is refused: %s', f.what)
    )
from (
    values
    ('the action', null, '{}', ''), ('the arguments', 'test_reads', null, ''),
    ('the request', 'test_reads', '{}', null)
) as f (what, action, arguments, request_id);

-- rotation: the key before is good until the next rotation
create temp table kept on commit drop as
select pg_temp.assertion('subject-2', '/authenticate') as assertion;
-- length: a random key might read like a line of TAP
select length(mcp_auth.rotate_signing_key('assertion'));
select
    is(
        (mcp_auth.identify(k.assertion)).name,
        'Test member_b',
        'signed with the key before the rotation'
    )
from kept as k;
select is(
    (mcp_auth.identify(pg_temp.assertion('subject-2', '/authenticate'))).name,
    'Test member_b',
    'signed with the new one'
);
-- length: a random key might read like a line of TAP
select length(mcp_auth.rotate_signing_key('assertion'));
select
    throws_ok(
        format('select mcp_auth.identify(%L)', k.assertion),
        '28000',
        'invalid credential',
        'after another rotation the first is refused'
    )
from kept as k;
delete from mcp_auth.signing_keys where purpose like 'assertion%';
select
    throws_ok(
        format(
            'select mcp_auth.identify(%L)',
            pg_temp.assertion('subject-2', '/authenticate', '{}', '', '15 seconds', purpose)
        ),
        '28000',
        'invalid credential',
        format('where there is no key nothing is accepted: %s', purpose)
    )
from unnest(array['context', 'assertion']) as purpose;
select is(
    (mcp_auth.identify(tests.credential('member_b'))).credential_id,
    split_part(tests.credential('member_b'), '_', 2),
    'but API keys are, whatever the action'
);
-- length: a random key might read like a line of TAP
select length(mcp_auth.rotate_signing_key('assertion'));

-- a user who is not active has no credential
update mcp_auth.users set is_active = false where external_id = 'subject-2';
select
    throws_ok(
        format('select mcp_auth.identify(%L)', pg_temp.assertion('subject-2', '/authenticate')),
        '28000',
        'invalid credential',
        'a subject who is not active'
    );
update mcp_auth.users set is_active = true where external_id = 'subject-2';

-- one write
create temp table writes on commit drop as
select
    pg_temp.assertion('subject-2', 'test_writes', '{"word": "w"}', 'r1') as assertion,
    pg_temp.assertion('subject-2', 'test_writes', '{"word": "bad"}', 'r2') as failing,
    pg_temp.assertion('subject-2', 'test_reads', '{"word": "w"}', 'r3') as reading;
create function pg_temp.write(assertion text, word text, request_id text)
returns text
language sql
return format(
    'select mcp.call_tool(%L, ''test_writes'', %L, %L)',
    write.assertion, jsonb_build_object('word', write.word),
    jsonb_build_object('request_id', write.request_id)
);
select
    matches(
        mcp.call_tool(w.assertion, 'test_writes', '{"word": "w"}', '{"request_id": "r1"}')
        ->> 'value',
        '^w of ',
        'a write'
    )
from writes as w;
select
    is(
        tests.error_of(pg_temp.write(w.assertion, 'w', 'r1')),
        '{"code": "28000", "message": "invalid credential", "hint": "Ask for a new API key.",
        "column": "", "constraint": ""}',
        'the same write again looks like every bad credential'
    )
from writes as w;
select
    is(
        tests.error_of(pg_temp.write(w.failing, 'bad', 'r2')) ->> 'code',
        '22023',
        'a write that fails'
    )
from writes as w, generate_series(1, 2);
select is(
    (
        select jsonb_agg(jsonb_build_array(u.digest, u.expires_at))
        from mcp_auth.used_assertions as u
    ),
    (
        select
            jsonb_build_array(
                jsonb_build_array(
                    sha256(convert_to(w.assertion, 'UTF8')),
                    to_timestamp(split_part(w.assertion, '_', 3)::bigint)
                )
            )
        from writes as w
    ),
    'spent is the one that wrote, as a digest, and not the one that failed'
);
select mcp.call_tool(w.reading, 'test_reads', '{"word": "w"}', '{"request_id": "r3"}')
from writes as w;
select is((select count(*) from mcp_auth.used_assertions), 1::bigint, 'a read spends nothing');
create function pg_temp.last_used()
returns timestamptz
language sql
return (
    select k.last_used_at
    from mcp_auth.api_keys as k
    where k.key_id = split_part(tests.credential('member_b'), '_', 2)
);
select tests.call('member_b', 'test_reads', '{"word": "w"}');
select is(pg_temp.last_used(), null, 'a read writes nothing of the key');
select
    matches(
        tests.call('member_b', 'test_writes', '{"word": "k"}') ->> 'value',
        '^k of ',
        'a key writes'
    )
from generate_series(1, 2);
select is((select count(*) from mcp_auth.used_assertions), 1::bigint, 'and is not spent');
select cmp_ok(pg_temp.last_used(), '>=', now(), 'a write says when the key was used');

-- those that are refused for their age are removed on the way, once all their statements have ended
insert into mcp_auth.used_assertions (digest, expires_at)
values
(sha256('old'), now() - interval '1 hour'),
(sha256('recent'), now() - interval '30 seconds');
select mcp_auth.use_once(
    pg_temp.assertion('subject-2', 'test_writes', '{"word": "x"}', 'r4')
);
select is(
    (
        select array_agg(u.digest = sha256('recent') order by u.expires_at)
        from mcp_auth.used_assertions as u
    ),
    array[true, false, false],
    'the old one is gone, three are left'
);

select is(
    array[
        mcp_auth.spend('a secret', now() + interval '1 minute'),
        mcp_auth.spend('a secret', now() + interval '1 minute')
    ],
    array[true, false],
    'spend: the first time, and not again'
);

-- nobody but the entry points
select
    is(
        has_function_privilege(r.role, f.function, 'execute'),
        false,
        format('%s may not execute %s', r.role, f.function)
    )
from unnest(array['mcp_tools', 'mcp_sandbox', 'demo_server', 'demo_owner']) as r (role)
cross join unnest(
    array[
        'mcp_auth.assertion_claims(text, text, text, text)', 'mcp_auth.use_once(text)',
        'mcp_auth.spend(text, timestamptz)'
    ]
) as f (function);

select finish();
rollback;
