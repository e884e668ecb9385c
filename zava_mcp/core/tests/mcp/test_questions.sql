-- Questions: what a tool or a prompt asks, what comes back, the state between the rounds, nothing
-- happening twice (mcp_catalog.spend_state), and the confirmation of tools tagged destructive.
begin;
set local search_path = tests, ext, public;
select plan(83);
select tests.load_fixture();

create table tests.written (who text);
grant usage on schema tests to mcp_tools;
grant select, insert on tests.written to mcp_tools;

create function pg_temp.make(
    name text, arguments text, volatility text, body text, tags text default '',
    result text default 'mcp_tool.result'
)
returns void
language plpgsql
as $$
declare
    v_function regproc;
begin
    execute format(
        'create function demo_api.%s(%s) returns %s language plpgsql %s security definer '
        'set search_path = pg_catalog, pg_temp as %L',
        name, arguments, result, volatility, 'begin ' || body || ' end'
    );
    v_function := format('demo_api.%s', name)::regproc;
    perform tests.offer(
        v_function::oid::regprocedure::text,
        concat_ws(E'\n', 'Do it.', (
            select string_agg(format('@param %s  X.', p.name), E'\n')
            from unnest(mcp_catalog.tool_parameters(v_function)) as p
        ), nullif(tags, ''))
    );
end
$$;
select
    pg_temp.make(
        'test_ask', 'x integer default 0', 'volatile', $$
        insert into tests.written (who) values (coalesce(mcp_tool.answer('name') ->> 'action', 'nobody'));
        if mcp_tool.answer('name') is null then
            return mcp_tool.text('ignored') || mcp_tool.ask('name', 'Name?', '{"type": "object",
            "properties": {"name": {"type": "string"}}, "required": ["name"]}');
        end if;
        return mcp_tool.text(coalesce(mcp_tool.answer('name') #>> '{content,name}', mcp_tool.answer('name') ->> 'action'));
        $$
    ),
    pg_temp.make(
        'test_rounds', '', 'stable', $$
        if mcp_tool.answer('one') is null then
            return mcp_tool.ask('one', '1?', '{}') || mcp_tool.save_state('{"k": [1]}');
        elsif mcp_tool.answer('two') is null then
            return mcp_tool.sample('two', '2?') || mcp_tool.roots('three');
        end if;
        return mcp_tool.text(concat_ws(' ', mcp_tool.answer('one'), mcp_tool.answer('two'), mcp_tool.answer('three'), mcp_tool.saved_state()));
        $$
    ),
    pg_temp.make(
        'test_can', '', 'stable',
        $$return mcp_tool.text(
            concat_ws(
                ' ', mcp_tool.client_supports('elicitation'), mcp_tool.client_supports('sampling'),
                mcp_tool.client_supports('roots')
            )
        );$$
    ),
    pg_temp.make(
        'test_kept',
        '',
        'stable',
        $$return mcp_tool.ask('a', 'A?', '{}')
            || mcp_tool.save_state(to_jsonb(repeat('x', 70000)));$$
    ),
    pg_temp.make(
        'test_prompt', 'x text', 'stable', $$
        if mcp_tool.answer('name') is null then
            return query select m.* from mcp_tool.message('user', mcp_tool.ask('name', 'Name?', '{}')) as m;
        else
            return query select m.* from mcp_tool.message('user', mcp_tool.text(x || (mcp_tool.answer('name') #>> '{content,name}'))) as m;
        end if;
        $$, '@prompt', 'setof mcp_tool.prompt_message'
    ),
    pg_temp.make(
        'test_delete', 'x integer', 'volatile',
        $$insert into tests.written (who) values ('delete ' || x); return x;$$,
        '@tool destructive',
        'integer'
    ),
    pg_temp.make(
        'test_dry', 'x integer, dry_run boolean default false', 'volatile',
        $$insert into tests.written (who) values ('dry ' || dry_run); return x;$$,
        '@tool destructive title="Take away"', 'integer'
    ),
    pg_temp.make(
        'test_soft',
        '',
        'volatile',
        $$insert into tests.written (who) values ('soft');$$,
        '@tool destructive=false',
        'void'
    ),
    pg_temp.make(
        'test_untagged',
        '',
        'volatile',
        $$insert into tests.written (who) values ('untagged');$$,
        '',
        'void'
    );
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 10, 'they are tools');
select is_empty('select * from mcp_catalog.catalog_refusal', 'and a prompt');

create function pg_temp.round(
    answers jsonb, state text, tool text default 'test_ask', arguments jsonb default '{}',
    who text default 'admin'
)
returns jsonb
language sql
volatile
return tests.call(
    round.who, round.tool, round.arguments,
    jsonb_strip_nulls(jsonb_build_object('answers', round.answers, 'state', round.state))
);
create function pg_temp.refused(
    state text, tool text default 'test_ask', arguments jsonb default '{}', who text default 'admin'
)
returns jsonb
language sql
volatile
return tests.refusal(
    refused.who, refused.tool, refused.arguments, jsonb_build_object('state', refused.state)
);

-- a question
create temp table asked on commit drop as
select tests.call('admin', 'test_ask') as result;
select is(
    (select a.result -> 'ask' from asked as a),
    '{"name": {"method": "elicitation/create", "params": {"message": "Name?", "requestedSchema":
    {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}}}}',
    'what is asked'
);
select bag_eq(
    'select jsonb_object_keys(a.result) from asked as a',
    array['ask', 'state'],
    'and a state: the content beside it is left out'
);
select is_empty('select * from tests.written', 'what asks has done nothing');
select is_empty(
    $$select from mcp_log.call_log where tool = 'test_ask'$$,
    'and is not logged as done'
);
select is(
    current_setting('transaction_read_only'), 'off', 'the transaction may write again'
);

-- the answer
select
    is(
        pg_temp.round(
            '{"name": {"action": "accept", "content": {"name": "Zoë"}}}', a.result ->> 'state'
        ),
        '{"content": [{"type": "text", "text": "Zoë"}], "isError": false}',
        'answered with the state'
    )
from asked as a;
select results_eq(
    'select who from tests.written', array['accept'], 'it is done, once'
);
select is(
    (select count(*) from mcp_log.call_log as l where l.tool = 'test_ask' and l.code = 'OK'),
    1::bigint,
    'and logged, once'
);
select is(
    pg_temp.round('{"name": {"action": "accept", "content": {"name": "Zoë"}}}', null),
    '{"content": [{"type": "text", "text": "Zoë"}], "isError": false}',
    'answered without the state'
);
select is(
    pg_temp.round(
        '{"name": {"action": "decline"}, "more": {"action": "accept"}}',
        tests.call('member_a', 'test_ask') ->> 'state', who => 'member_a'
    ),
    '{"content": [{"type": "text", "text": "decline"}], "isError": false}',
    'declined, with an answer that nobody asked for'
);

-- answers that are none: asked again
select
    is(
        pg_temp.round(w.answers::jsonb, case when w.with_state then a.result ->> 'state' end)
        -> 'ask',
        a.result -> 'ask',
        format('asked again%s: %s', case when w.with_state then ', with state' end, w.answers)
    )
from asked as a
cross join (
    values
    ('{}', true),
    ('{}', false),
    ('{"wrong": {"action": "accept", "content": {"name": "x"}}}', true),
    ('{"wrong": {"action": "accept", "content": {"name": "x"}}}', false),
    ('{"name": {"action": "perhaps"}}', true),
    ('{"name": {"action": "perhaps"}}', false),
    ('{"name": {"action": "accept"}}', true),
    ('{"name": {"action": "accept", "content": "x"}}', false),
    ('{"name": {"action": 1}}', true),
    ('{"name": 42}', true),
    ('{"name": 42}', false),
    ('{"name": null}', false),
    ('{"name": []}', true),
    ('{"name": "accept"}', false),
    -- what the form wants is known with the state alone
    ('{"name": {"action": "accept", "content": {}}}', true),
    ('{"name": {"action": "accept", "content": {"name": 1}}}', true),
    ('{"name": {"role": "assistant", "content": {"type": "text", "text": "x"}}}', true),
    ('{"name": {"roots": []}}', true)
) as w (answers, with_state);
select
    is(
        mcp_catalog.fits_schema(f.value::jsonb, f.schema::jsonb),
        f.expected,
        format('%s in the form %s', f.value, f.schema)
    )
from (
    values
    ('{}', '{}', true),
    ('{"a": 1}', '{"required": ["a"]}', true),
    ('{"b": 1}', '{"required": ["a"]}', false),
    ('{"a": 1.0}', '{"properties": {"a": {"type": "integer"}}}', true),
    ('{"a": 1.5}', '{"properties": {"a": {"type": "integer"}}}', false),
    ('{"a": "1"}', '{"properties": {"a": {"type": "integer"}}}', false),
    ('{"a": 1.5}', '{"properties": {"a": {"type": "number"}}}', true),
    ('{"a": "true"}', '{"properties": {"a": {"type": "boolean"}}}', false),
    ('{"a": "x"}', '{"properties": {"a": {"type": "string", "enum": ["x", "y"]}}}', true),
    ('{"a": "z"}', '{"properties": {"a": {"type": "string", "enum": ["x", "y"]}}}', false),
    ('{"a": "x"}', '{"properties": {"a": {"oneOf": [{"const": "x", "title": "X"}]}}}', true),
    ('{"a": "y"}', '{"properties": {"a": {"oneOf": [{"const": "x", "title": "X"}]}}}', false),
    ('{"a": ["x"]}', '{"properties": {"a": {"type": "array"}}}', true),
    ('{"b": 1}', '{"properties": {"a": {"type": "string"}}}', true)
) as f (value, schema, expected);

-- several rounds: earlier answers and what is kept travel in the state
create temp table rounds on commit drop as
select pg_temp.round(null, null, 'test_rounds') as first;
alter table rounds add column second jsonb;
update rounds set
    second
    = pg_temp.round('{"one": {"action": "cancel"}}', rounds.first ->> 'state', 'test_rounds');
select is(
    (select r.second -> 'ask' from rounds as r),
    '{"two": {"method": "sampling/createMessage", "params": {"maxTokens": 1000, "messages":
    [{"role": "user", "content": {"type": "text", "text": "2?"}}]}},
    "three": {"method": "roots/list", "params": {}}}',
    'the second round asks two things'
);
select isnt(
    (select r.second ->> 'state' from rounds as r),
    (select r.first ->> 'state' from rounds as r),
    'with a state of its own'
);
select
    is(
        pg_temp.round(
            '{"two": {"role": "assistant", "content": {"type": "text", "text": "x"}},
            "three": {"roots": []}}',
            r.second ->> 'state', 'test_rounds'
        ) #>> '{content,0,text}',
        '{"action": "cancel"} {"role": "assistant", "content": {"text": "x", "type": "text"}} '
        '{"roots": []} {"k": [1]}',
        'the third has the answers of both, and what was kept'
    )
from rounds as r;

-- a state that was altered, is old, or is another's
select
    is(
        pg_temp.refused(t.state, t.tool, t.arguments::jsonb, t.who),
        '{"code": "22023", "column": "", "constraint": "request_state",
        "message": "the state of the questions was changed, is too old, or belongs to another call",
        "hint": "Send the call again without it: the questions are asked again."}',
        format('refused: a state %s', t.what)
    )
from asked as a
cross join lateral (select a.result ->> 'state' as state) as s
cross join lateral (
    values
    ('with more behind it', s.state || '-TAMPERED', 'test_ask', '{}', 'admin'),
    ('with less', left(s.state, -1), 'test_ask', '{}', 'admin'),
    ('without its seal', split_part(s.state, '.', 1), 'test_ask', '{}', 'admin'),
    ('with another body', 'e30=.' || split_part(s.state, '.', 2), 'test_ask', '{}', 'admin'),
    ('that is empty', '', 'test_ask', '{}', 'admin'),
    ('that is rubbish', '.', 'test_ask', '{}', 'admin'),
    ('of another tool', s.state, 'test_rounds', '{}', 'admin'),
    ('of other arguments', s.state, 'test_ask', '{"x": 1}', 'admin'),
    ('of another user', s.state, 'test_ask', '{}', 'member_a')
) as t (what, state, tool, arguments, who);
select
    is(
        tests.error_of(
            format(
                'select mcp_catalog.read_state(%L, ''a'', ''{}'', %L)', i.identity,
                o.body || '.' || mcp_catalog.seal_state(i.identity, 'a', '{}', o.body)
            )
        ) ->> 'constraint',
        o.expected,
        format('a state until %s', o.until)
    )
from
    (
        select mcp_identity as identity
        from mcp_auth.identify(tests.credential('admin')) as mcp_identity
    ) as i
cross join lateral (
    select
        u.until,
        u.expected,
        mcp_tool.base64(
            convert_to(jsonb_build_object('until', extract(epoch from u.until))::text, 'UTF8')
        ) as body
    from (
        values
        (statement_timestamp() - interval '1 second', 'request_state'),
        (statement_timestamp() + interval '1 second', null)
    ) as u (until, expected)
) as o;
select is(
    tests.refusal('admin', 'test_kept') - 'hint' - 'column' - 'constraint',
    '{"code": "54000",
    "message": "the answers and the saved value are longer than 60 kB"}',
    'more than a client should carry'
);

-- prompts ask too
select is(
    mcp.get_prompt(tests.credential('member_a'), 'test_prompt', '{"x": "y"}') -> 'ask',
    '{"name": {"method": "elicitation/create",
    "params": {"message": "Name?", "requestedSchema": {}}}}',
    'a prompt asks'
);
select is(
    mcp.get_prompt(
        tests.credential('member_a'), 'test_prompt', '{"x": "for "}',
        '{"answers": {"name": {"action": "accept", "content": {"name": "Zoë"}}}}'
    ) #>> '{messages,0,content,text}',
    'for Zoë',
    'and is answered'
);

-- what the client can answer
select
    is(
        tests.call('admin', 'test_can', '{}', c.request::jsonb) #>> '{content,0,text}',
        c.expected,
        format('can: %s', c.request)
    )
from (
    values
    ('{}', 'f f f'),
    ('{"capabilities": {"elicitation": {}, "roots": {"listChanged": true}}}', 't f t'),
    ('{"capabilities": {"elicitation": {"url": {}}, "sampling": {}}}', 'f t f'),
    ('{"capabilities": {"elicitation": {"url": {}, "form": {}}}}', 't f f')
) as c (request, expected);

-- confirmation
delete from tests.written;
create function pg_temp.confirm(
    answer jsonb, tool text default 'test_delete', arguments jsonb default '{"x": 1}',
    state text default null
)
returns jsonb
language sql
volatile
return tests.call(
    'admin', confirm.tool, confirm.arguments,
    jsonb_strip_nulls(jsonb_build_object(
        'capabilities',
        '{"elicitation": {}}'::jsonb,
        'answers',
        jsonb_build_object('confirm', confirm.answer),
        'state',
        confirm.state
    ))
);
select is(
    pg_temp.confirm(null, 'test_dry', '{"x": 7}') -> 'ask',
    '{"confirm": {"method": "elicitation/create", "params": {
        "message": "Take away?\nx: 7",
        "requestedSchema": {
            "type": "object",
            "properties": {"confirm": {"type": "boolean", "title": "Do it"}},
            "required": ["confirm"]
        }
    }}}',
    'a destructive tool asks for confirmation, with its arguments'
);
select is_empty('select * from tests.written', 'before it does anything');
create temp table agreed on commit drop as
select pg_temp.confirm(null) ->> 'state' as state;
select is(
    pg_temp.confirm('{"action": "accept", "content": {"confirm": true}}')
    #>> '{ask,confirm,method}',
    'elicitation/create',
    'an answer to no question is none: it is asked'
);
select
    is(
        tests.refusal(
            'admin', 'test_delete', '{"x": 1}', jsonb_build_object(
                'capabilities',
                '{"elicitation": {}}'::jsonb,
                'answers',
                jsonb_build_object('confirm', d.answer::jsonb),
                'state',
                a.state
            )
        ),
        '{"code": "42501", "column": "", "constraint": "", "message": "the user did not confirm",
    "hint": "The user did not confirm: nothing was done."}',
        format('not confirmed: %s', d.answer)
    )
from
    unnest(array[
        '{"action": "decline"}',
        '{"action": "cancel"}',
        '{"action": "accept", "content": {"confirm": false}}'
    ]) as d (answer)
cross join agreed as a;
select is_empty('select * from tests.written', 'still nothing');
select
    is(
        pg_temp.confirm(
            '{"action": "accept", "content": {"confirm": true}}', state => a.state
        ),
        '{"value": 1}',
        'confirmed, it answers as ever'
    )
from agreed as a;
select
    is(
        tests.refusal(
            'admin', 'test_delete', '{"x": 1}', jsonb_build_object(
                'capabilities',
                '{"elicitation": {}}'::jsonb,
                'answers',
                '{"confirm": {"action": "accept", "content": {"confirm": true}}}'::jsonb,
                'state',
                a.state
            )
        ) - 'hint' - 'column',
        '{"code": "22023", "constraint": "request_state",
        "message": "the state of the questions was used already"}',
        'one answer is good for one write'
    )
from agreed as a;
select is(
    pg_temp.confirm(null, 'test_dry', '{"x": 2, "dry_run": true}'),
    '{"value": 2}',
    'a dry run is not asked about'
);
select results_eq(
    'select who from tests.written', array['delete 1'], 'and keeps nothing, whatever its body does'
);
select is(
    tests.refusal('admin', 'test_dry', '{"x": 1}', '{"capabilities": {}}') - 'hint',
    '{"code": "22023", "column": "dry_run",
    "message":
    "dry_run must be true to try it out, or false to do it: this client cannot ask its user to confirm",
    "constraint": "true to try it out, or false to do it: this client cannot ask its user to confirm"}',
    'a client that cannot ask must say whether it is a dry run'
);
select
    is(
        tests.call('admin', c.tool, c.arguments::jsonb, c.request::jsonb),
        c.expected::jsonb,
        format('not asked: %s %s %s', c.tool, c.arguments, c.request)
    )
from (
    values
    ('test_dry', '{"x": 3, "dry_run": false}', '{"capabilities": {}}', '{"value": 3}'),
    ('test_delete', '{"x": 4}', '{"capabilities": {}}', '{"value": 4}'),
    -- in psql there is no client
    ('test_dry', '{"x": 5}', '{}', '{"value": 5}'),
    -- not tagged destructive
    ('test_soft', '{}', '{"capabilities": {"elicitation": {}}}', '{}'),
    ('test_untagged', '{}', '{"capabilities": {"elicitation": {}}}', '{}')
) as c (tool, arguments, request, expected);
select results_eq(
    $$
    select name, asks_first
    from mcp_catalog.tools
    where name like 'test%'
    order by name collate "C"
    $$,
    $$values
    ('test_ask', false), ('test_can', false), ('test_delete', true), ('test_dry', true), ('test_kept', false),
    ('test_rounds', false), ('test_soft', false), ('test_untagged', false)$$,
    'what asks first is what is tagged destructive'
);

select finish();
rollback;
