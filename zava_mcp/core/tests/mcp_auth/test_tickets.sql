-- mcp_auth.write_ticket, read_ticket, and the entry points with a ticket: it stands for a
-- credential in reads, for a second and in one database; what is altered, foreign, too old or for
-- a write is refused.
begin;
set local search_path = tests, ext, public;
select plan(48);
select tests.load_fixture();

create function demo_api.test_reads()
returns uuid[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select array_agg(distinct i.tenant_id order by i.tenant_id) from demo.items as i;
end;
select tests.offer('demo_api.test_reads()', 'Read.');
create function demo_api.test_writes()
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select 'written'::text;
end;
select tests.offer('demo_api.test_writes()', 'Write.');
select mcp_catalog.refresh_catalog();

create function pg_temp.ticket(who text)
returns text
language sql
return mcp.authenticate(tests.credential(who)) ->> 'ticket';
-- a ticket signed as it should be, but for one thing
create function pg_temp.signed(
    who text,
    life interval default '1 second',
    purpose text default 'ticket',
    database text default current_catalog
)
returns text
language sql
return (
    select
        concat_ws(
            '_', 'ticket',
            mcp_auth.sign(signed.purpose, quote_literal(signed.database) || t.text), t.text
        )
    from (
        select extract(epoch from clock_timestamp() + signed.life) || '|' || i::text as text
        from mcp_auth.identify(tests.credential(signed.who)) as i
    ) as t
);
create function pg_temp.refusal(statement text)
returns text
language plpgsql
as $$
declare
    v_detail text;
    v_hint text;
    v_constraint text;
begin
    execute statement;
    return 'not refused';
exception
    when others then
        get stacked diagnostics
            v_detail = pg_exception_detail, v_hint = pg_exception_hint, v_constraint = constraint_name;
        return concat_ws(
            ': ', sqlstate, sqlerrm, nullif(v_detail, ''), nullif(v_hint, ''), nullif(v_constraint, '')
        );
end
$$;

-- what it is
select matches(
    pg_temp.ticket('member_a'),
    '^ticket_[0-9a-f]{64}_[0-9]+[.][0-9]+[|][(].*[)]$',
    'authenticate gives a ticket'
);
select
    is(
        mcp_auth.read_ticket(pg_temp.ticket(c.who)),
        mcp_auth.identify(tests.credential(c.who)),
        format('%s: the identity of its credential', c.who)
    )
from (values ('member_a'), ('member_b'), ('admin'), ('nobody')) as c (who);
select
    is(
        substr(t.ticket, 8, 64),
        mcp_auth.sign('ticket', quote_literal(current_catalog) || substr(t.ticket, 73)),
        'it is signed with the name of the database'
    )
from mcp_auth.write_ticket(mcp_auth.identify(tests.credential('admin'))) as t (ticket);
select
    is(
        mcp_auth.read_ticket(
            mcp_auth.write_ticket(
                row(i.user_id, e'a|_(",\\', i.audience, array[e'x|"', null], 'k', '{"a|": "_"}')
            )
        ),
        row(
            i.user_id, e'a|_(",\\', i.audience, array[e'x|"', null], 'k', '{"a|": "_"}'
        )::mcp_auth.identity,
        'whatever its fields hold'
    )
from mcp_auth.identify(tests.credential('admin')) as i;

-- what it stands for: reads
select
    is(
        mcp.call_tool(pg_temp.ticket(c.who), 'test_reads', '{}') -> 'value',
        coalesce(
            (
                select jsonb_agg(tests.tenant(t.letter) order by t.letter)
                from unnest(c.letters) as t (letter)
            ), 'null'
        ),
        format('%s reads the own rows', c.who)
    )
from (
    values
    ('member_a', array['a']), ('member_b', array['b']), ('admin', array['a', 'b']), ('nobody', '{}')
) as c (who, letters);
select is(
    mcp.call_tool(pg_temp.ticket('admin'), 'test_reads', '{}'),
    mcp.call_tool(tests.credential('admin'), 'test_reads', '{}'),
    'which is what the credential reads'
);
select
    is(
        mcp.handle(pg_temp.ticket('member_a'), m.method, m.params),
        mcp.handle(tests.credential('member_a'), m.method, m.params),
        m.method
    )
from (
    values
    ('tools/call', '{"name": "test_reads"}'),
    ('tools/list', '{}'),
    ('prompts/list', '{}'),
    ('resources/list', '{}'),
    ('resources/templates/list', '{}')
) as m (method, params);
select
    is(
        pg_temp.refusal(format(
            'select mcp.handle(%L, %L, %L)', pg_temp.ticket('member_a'), m.method, m.params
        )),
        pg_temp.refusal(format(
            'select mcp.handle(%L, %L, %L)', tests.credential('member_a'), m.method, m.params
        )),
        m.method || ' of what is not there'
    )
from (
    values
    ('tools/call', '{"name": "none"}'),
    ('prompts/get', '{"name": "none"}'),
    ('resources/read', '{"uri": "demo://none"}'),
    (
        'completion/complete',
        '{"ref": {"type": "ref/prompt", "name": "none"}, "argument": {"name": "a", "value": ""}}'
    )
) as m (method, params);
select is(
    (mcp_auth.begin_request(pg_temp.ticket('member_b'), 'test_reads')).scope,
    (select c.scope from mcp_auth.context() as c),
    'begin_request writes its context'
);

-- what it does not stand for
select is(
    pg_temp.refusal(
        format('select mcp.call_tool(%L, ''test_writes'', ''{}'')', pg_temp.ticket('admin'))
    ),
    '28000: invalid credential: A ticket stands for no write.: Send the credential itself.: ticket',
    'a write'
);
select is(
    mcp.call_tool(tests.credential('admin'), 'test_writes', '{}'),
    '{"value": "written"}',
    'which the credential may do'
);
select is(
    pg_temp.refusal(format('select mcp.authenticate(%L)', pg_temp.ticket('admin'))),
    '28000: invalid credential: Ask for a new API key.',
    'another ticket'
);
select is(
    pg_temp.refusal(format(
        'select mcp.call_tool(%L, ''test_writes'', ''{}'')', pg_temp.ticket('nobody')
    )),
    pg_temp.refusal(format(
        'select mcp.call_tool(%L, ''test_writes'', ''{}'')', pg_temp.ticket('admin')
    )),
    'for every caller'
);

-- what is refused
create temp table bad on commit drop as
select
    b.what,
    b.ticket,
    coalesce(b.reason, 'The ticket was altered, or is of another database.') as reason
from (
    values
    (
        'a signature of zeros',
        'ticket_' || repeat('0', 64) || substr(pg_temp.ticket('admin'), 72),
        null
    ),
    ('no signature', 'ticket__' || substr(pg_temp.ticket('admin'), 73), null),
    ('a signature alone', left(pg_temp.ticket('admin'), 71), null),
    ('cut short', left(pg_temp.ticket('admin'), -1), null),
    ('a blank more', pg_temp.ticket('admin') || ' ', null),
    ('another audience', replace(pg_temp.ticket('member_a'), 'demo_members', 'demo_admins'), null),
    (
        'another scope',
        replace(
            pg_temp.ticket('member_a'), tests.tenant('a')::text, tests.tenant('b')::text
        ),
        null
    ),
    ('a later expiry', regexp_replace(pg_temp.ticket('admin'), '[.][0-9]+[|]', '.999999|'), null),
    (
        'the signature of another',
        left(pg_temp.ticket('member_b'), 72) || substr(pg_temp.ticket('member_a'), 73),
        null
    ),
    ('signed for a context', pg_temp.signed('admin', purpose => 'context'), null),
    ('of another database', pg_temp.signed('admin', database => 'elsewhere'), null),
    (
        'of a database whose name is longer',
        pg_temp.signed('admin', database => current_catalog || '1'),
        null
    ),
    ('nothing', 'ticket_', null),
    ('SQL', 'ticket_'' or true --', null),
    ('expired', pg_temp.signed('admin', life => '-1 millisecond'), 'The ticket has expired.'),
    ('of the far future', pg_temp.signed('admin', life => '1 hour'), 'The ticket has expired.')
) as b (what, ticket, reason);
select
    is(
        pg_temp.refusal(format('select mcp.call_tool(%L, ''test_reads'', ''{}'')', b.ticket)),
        '28000: invalid credential: ' || b.reason || ': Send the credential itself.: ticket',
        'refused: ' || b.what
    )
from bad as b;
select
    is(
        pg_temp.refusal(
            format('select mcp.list_tools(%L)', replace(b.ticket, 'ticket_', 'TICKET_'))
        ),
        '28000: invalid credential: Ask for a new API key.',
        'another prefix is an API key'
    )
from bad as b where b.what = 'a signature of zeros';

-- for a second it says how things were; nobody gets another one then
select
    pg_temp.ticket('member_a') as before,
    pg_temp.ticket('member_b') as gone
into temp ticket;
update mcp_auth.users set scope = array[tests.tenant('b')::text] where name = 'Test member_a';
update mcp_auth.users set is_active = false where name = 'Test member_b';
select is(
    jsonb_build_array(
        (select (mcp_auth.read_ticket(t.before)).scope from ticket as t),
        (mcp_auth.identify(tests.credential('member_a'))).scope
    ),
    jsonb_build_array(array[tests.tenant('a')], array[tests.tenant('b')]),
    'the scope of then, where the credential has that of now'
);
select is(
    (select (mcp_auth.read_ticket(t.gone)).name from ticket as t),
    'Test member_b',
    'a user who left'
);
select is(
    pg_temp.refusal(format('select mcp.authenticate(%L)', tests.credential('member_b'))),
    '28000: invalid credential: Ask for a new API key.',
    'whose key is refused at once'
);
delete from mcp_auth.signing_keys where purpose = 'ticket';
select
    is(
        pg_temp.refusal(format('select mcp.list_tools(%L)', t.before)),
        '28000: invalid credential: The ticket was altered, or is of another database.: '
        'Send the credential itself.: ticket',
        'without the key no ticket is good'
    )
from ticket as t;
select is(mcp.authenticate(tests.credential('admin')) ->> 'ticket', null, 'and none is given');

select finish();
rollback;
