-- mcp.read_resource, get_prompt, complete and the lists: who gets what, what is unknown.
begin;
set local search_path = tests, ext, public;
select plan(82);
select tests.load_fixture();

create function pg_temp.make(
    name text, arguments text, result text, body text, tags text
)
returns void
language plpgsql
as $$
declare
    v_function regproc;
begin
    execute format(
        'create function demo_api.%s(%s) returns %s language plpgsql stable security definer '
        'set search_path = pg_catalog, pg_temp as %L',
        name, arguments, result, 'begin ' || body || ' end'
    );
    v_function := format('demo_api.%s', name)::regproc;
    perform tests.offer(
        v_function::oid::regprocedure::text,
        concat_ws(E'\n', 'A test.', (
            select string_agg(format('@param %s  X.', p.name), E'\n')
            from unnest(mcp_catalog.tool_parameters(v_function)) as p
        ), tags)
    );
end
$$;
select
    pg_temp.make(
        'test_text', '', 'text', $$return 'Zoë 🛒';$$, '@resource uri="test://text" title="T"'
    ),
    pg_temp.make(
        'test_bytes', '', 'bytea', $$return '\x00ff';$$,
        '@resource uri="test://bytes" mime=image/png'
    ),
    pg_temp.make('test_json', '', 'jsonb', $$return '{"a": [1]}';$$, '@resource uri="test://json"'),
    pg_temp.make('test_number', '', 'numeric', $$return 1.50;$$, '@resource uri="test://number"'),
    pg_temp.make('test_nothing', '', 'text', $$return null;$$, '@resource uri="test://nothing"'),
    pg_temp.make(
        'test_prices', '', 'table (tenant_id uuid, total numeric)',
        $$return query select i.tenant_id, sum(i.quantity * i.price) from demo.items as i
        group by 1 order by 1;$$,
        '@resource uri="test://prices"'
    ),
    pg_temp.make(
        'test_note', 'note_id uuid', 'demo.tally',
        $$return (select row(n.tenant_id, n.title, 1)::demo.tally from demo.notes as n
        where n.note_id = test_note.note_id);$$,
        '@resource uri="test://notes/{note_id}"'
    ),
    pg_temp.make(
        'test_two', 'a text, b integer', 'text',
        $$if a = 'none' then perform mcp_tool.not_found('none'); end if; return a || '|' || b;$$,
        '@resource uri="test://two/{a}/{b}.txt"'
    ),
    pg_temp.make(
        'test_writes',
        '', 'text', $$insert into demo.kinds (kind_id, name) values (9, 'x'); return 'x';$$,
        '@resource uri="test://writes"'
    ),
    pg_temp.make(
        'test_admins', '', 'text', $$return 'for admins';$$, '@resource uri="test://admins"'
    ),
    pg_temp.make(
        'test_prompt',
        'size demo.period, is_big boolean default false, count integer default 1',
        'setof mcp_tool.prompt_message',
        $$return query select m.* from mcp_tool.message('user',
        mcp_tool.text(concat_ws(' ', size, is_big, count))
        || mcp_tool.embedded_resource('test://text', 'text/plain', 'x')) as m;$$,
        '@prompt title="A prompt"'
    ),
    pg_temp.make(
        'test_seen', '', 'setof mcp_tool.prompt_message',
        $$return query select m.* from mcp_tool.message('assistant', mcp_tool.text((
            select string_agg(n.title, ', ' order by n.title) from demo.notes as n
        ))) as m;$$,
        '@prompt'
    ),
    pg_temp.make('test_admin_prompt', '', 'setof mcp_tool.prompt_message', $$return;$$, '@prompt'),
    pg_temp.make(
        'test_complete_a', '', 'setof text',
        $$return query select n.title from demo.notes as n order by n.title desc;$$,
        '@completes test_two.a'
    ),
    pg_temp.make(
        'test_complete_b', 'value text, context jsonb', 'setof text',
        $$return query select format('%s:%s:%s', value, context ->> 'a', n)
        from generate_series(1, 120) as n;$$,
        '@completes test_two.b'
    );
revoke execute on function
demo_api.test_admins(), demo_api.test_admin_prompt(), demo_api.test_complete_a()
from demo_members;
select mcp_catalog.refresh_catalog();
select is_empty('select * from mcp_catalog.catalog_refusal', 'all are offered');

create function pg_temp.read(who text, uri text)
returns jsonb
language sql
volatile
return mcp.read_resource(tests.credential(read.who), read.uri) -> 'contents';
create function pg_temp.error(statement text)
returns jsonb
language sql
volatile
return tests.error_of(error.statement) - 'hint' - 'column';
create function pg_temp.unread(who text, uri text)
returns jsonb
language sql
volatile
return pg_temp.error(
    format('select mcp.read_resource(%L, %L)', tests.credential(unread.who), unread.uri)
);

select is_empty(
    $$
    select
        t.name,
        a.attname
    from unnest(array['mcp_catalog.resources', 'mcp_catalog.prompts', 'mcp_catalog.completions']::regclass []) as t (name)
    cross join pg_catalog.pg_attribute as a
    where a.attrelid = 'mcp_catalog.tools'::regclass
        and a.attnum > 0
        and not a.attisdropped
        and not exists (
            select
            from pg_catalog.pg_attribute as b
            where b.attrelid = t.name and b.attname = a.attname and b.atttypid = a.atttypid
        )
    $$,
    'they have every column of mcp_catalog.tools, by which mcp_catalog.run_tool runs them: a new '
    'one too'
);

-- what a resource gives
select
    is(
        pg_temp.read('member_a', r.uri),
        jsonb_build_array(jsonb_build_object('uri', r.uri) || r.expected::jsonb),
        format('read %s', r.uri)
    )
from (
    values
    ('test://text', '{"mimeType": "text/plain", "text": "Zoë 🛒"}'),
    ('test://bytes', '{"mimeType": "image/png", "blob": "AP8="}'),
    ('test://json', '{"mimeType": "application/json", "text": "{\"a\": [1]}"}'),
    ('test://number', '{"mimeType": "application/json", "text": "1.50"}'),
    ('test://two/a%2Fb%20%C3%A9/7.txt', '{"mimeType": "text/plain", "text": "a/b é|7"}'),
    ('test://two/x.txt/-1.txt', '{"mimeType": "text/plain", "text": "x.txt|-1"}'),
    (
        'test://notes/00000000-0000-7000-8000-0000000000A1',
        '{"mimeType": "application/json", '
        '"text": "{\"tenant_id\": \"00000000-0000-7000-8000-00000000000a\", '
        '\"note_count\": 1, \"tenant_name\": \"Note A1\"}"}'
    )
) as r (uri, expected);

-- rows: the caller's, and the forbidden ones exist
select is(
    (pg_temp.read('member_a', 'test://prices') #>> '{0,text}')::jsonb,
    '{"rows": [{"tenant_id": "00000000-0000-7000-8000-00000000000a", "total": 50.00}],
    "row_count": 1, "truncated": false}',
    'a member of tenant a reads its prices'
);
select is(
    (pg_temp.read('admin', 'test://prices') #>> '{0,text}')::jsonb @> '{"rows": [
        {"tenant_id": "00000000-0000-7000-8000-00000000000a", "total": 50.00},
        {"tenant_id": "00000000-0000-7000-8000-00000000000b", "total": 76.50}
    ]}',
    true,
    'those of the other exist: an admin reads them'
);
select is(
    pg_temp.read('admin', 'test://notes/' || tests.note('b1')) #>> '{0,mimeType}',
    'application/json',
    'note b1 exists'
);

-- unknown, hidden, not well written, of rows that the caller may not see: all the same
select
    is(
        pg_temp.unread(u.who, u.uri),
        jsonb_build_object(
            'code',
            '42883',
            'message',
            'unknown resource: ' || left(u.uri, 200),
            'constraint',
            'unknown_resource'
        ),
        format('unknown to %s: %s', u.who, left(u.uri, 60))
    )
from (
    values
    ('admin', 'test://no'),
    ('admin', ''),
    ('admin', 'test://text/'),
    ('admin', 'TEST://text'),
    ('admin', 'test://nothing'),
    ('member_a', 'test://admins'),
    ('member_a', 'test://notes/' || tests.note('b1')),
    ('member_a', 'test://notes/' || gen_random_uuid()),
    ('admin', 'test://notes/x'),
    ('admin', 'test://notes/{note_id}'),
    ('admin', 'test://two/a/x.txt'),
    ('admin', 'test://two/a/99999999999.txt'),
    ('admin', 'test://two/%ff/1.txt'),
    ('admin', 'test://two/%/1.txt'),
    ('admin', 'test://two/%00/1.txt'),
    ('admin', 'test://two/none/1.txt'),
    ('admin', 'test://two/' || repeat('a', 2000) || '/1.txt'),
    -- tools and prompts are no resources
    ('admin', 'list_notes'),
    ('admin', 'test_prompt')
) as u (who, uri);
select is(
    pg_temp.read('admin', 'test://admins') #>> '{0,text}', 'for admins', 'the hidden one exists'
);
select is(
    pg_temp.unread('admin', 'test://writes') ->> 'code', '0A000', 'a resource only reads'
);
select is(
    coalesce(current_setting('app.current_rls_user_id', true), ''), '', 'no context is left'
);
select
    throws_ok(
        format('select %s', c.call),
        '28000',
        'invalid credential',
        format('a bad credential: %s', c.call)
    )
from unnest(array[
    $$mcp.read_resource('x', 'test://text')$$, $$mcp.get_prompt('x', 'test_seen')$$,
    $$mcp.list_resources('x')$$, $$mcp.list_resource_templates('x')$$, $$mcp.list_prompts('x')$$,
    $$mcp.complete(
        'x', '{"type": "ref/prompt", "name": "test_seen"}', '{"name": "a", "value": ""}'
    )$$
]) as c (call);

-- prompts
select
    is(
        mcp.get_prompt(tests.credential('admin'), 'test_prompt', p.arguments::jsonb) -> 'messages',
        jsonb_build_array(
            jsonb_build_object('role', 'user', 'content', mcp_tool.text(p.expected) -> 0),
            jsonb_build_object(
                'role',
                'user',
                'content',
                mcp_tool.embedded_resource('test://text', 'text/plain', 'x') -> 0
            )
        ),
        format('the prompt with %s', p.arguments)
    )
from (
    values
    ('{"size": "today"}', 'today f 1'),
    ('{"size": "today", "is_big": "true", "count": "12"}', 'today t 12'),
    ('{"size": "today", "is_big": "", "count": ""}', 'today f 1')
) as p (arguments, expected);
select is(
    mcp.get_prompt(tests.credential('member_a'), 'test_seen'),
    '{"description": "A test.", "messages": [
        {"role": "assistant", "content": {"type": "text", "text": "Note A1, Note A2"}}
    ]}',
    'a prompt sees what its caller sees'
);
select is(
    mcp.get_prompt(tests.credential('admin'), 'test_seen') #>> '{messages,0,content,text}',
    'Note A1, Note A2, Note B1',
    'another caller sees more'
);
select
    is(
        pg_temp.error(
            format(
                'select mcp.get_prompt(%L, %L, %L)', tests.credential(e.who), e.prompt, e.arguments
            )
        ),
        e.expected::jsonb,
        format('refused: %s %s', e.prompt, e.arguments)
    )
from (
    values
    (
        'admin',
        'test_no',
        '{}',
        '{"code": "42883", "message": "unknown prompt: test_no", "constraint": "unknown_prompt"}'
    ),
    (
        'admin',
        'list_notes',
        '{}',
        '{"code": "42883", "message": "unknown prompt: list_notes",
        "constraint": "unknown_prompt"}'
    ),
    (
        'member_a', 'test_admin_prompt', '{}',
        '{"code": "42883", "message": "unknown prompt: test_admin_prompt",
        "constraint": "unknown_prompt"}'
    ),
    (
        'admin',
        'test_prompt',
        '{}',
        format(
            '{"code": "22004", "message": "size must be %1$s", "constraint": "%1$s"}',
            mcp_catalog.requirement('demo.period'::regtype)
        )
    ),
    (
        'admin',
        'test_prompt',
        '{"size": "today", "count": "many"}',
        '{"code": "22023",
        "message": "count must be an integer from -2147483648 to 2147483647",
        "constraint": "an integer from -2147483648 to 2147483647"}'
    ),
    (
        'admin',
        'test_prompt',
        '{"size": "today", "x": "1"}',
        '{"code": "22023", "message": "unknown argument: x", "constraint": "a known argument"}'
    ),
    (
        'admin',
        'test_prompt',
        '[]',
        '{"code": "22023", "message": "arguments must be an object", "constraint": "an object"}'
    )
) as e (who, prompt, arguments, expected);
select is(
    mcp.get_prompt(tests.credential('admin'), 'test_admin_prompt'),
    '{"description": "A test.", "messages": []}',
    'the hidden prompt exists'
);
select
    is(
        tests.refusal('admin', t.name) ->> 'constraint',
        'unknown_tool',
        format('%s is no tool', t.name)
    )
from unnest(array['test_prompt', 'test_text', 'test_complete_a']) as t (name);

-- completion
create function pg_temp.complete(
    who text, ref jsonb, argument text, typed text, context jsonb default '{}'
)
returns jsonb
language sql
volatile
return mcp.complete(
    tests.credential(complete.who), complete.ref,
    jsonb_build_object('name', complete.argument, 'value', complete.typed), complete.context
) -> 'completion';
select
    is(
        pg_temp.complete(c.who, c.ref::jsonb, c.argument, c.typed),
        c.expected::jsonb,
        format('complete for %s: %s %s "%s"', c.who, c.ref, c.argument, c.typed)
    )
from (
    values
    -- an enum by itself
    (
        'admin', '{"type": "ref/prompt", "name": "test_prompt"}', 'size', 'YE',
        '{"values": ["yesterday", "this_year", "last_year"], "total": 3, "hasMore": false}'
    ),
    (
        'admin', '{"type": "ref/prompt", "name": "test_prompt"}', 'size', 'day',
        '{"values": ["today", "yesterday", "last_7_days", "last_30_days"],
        "total": 4, "hasMore": false}'
    ),
    (
        'admin', '{"type": "ref/prompt", "name": "test_prompt"}', 'is_big', '',
        '{"values": ["true", "false"], "total": 2, "hasMore": false}'
    ),
    (
        'admin', '{"type": "ref/prompt", "name": "test_prompt"}', 'count', '1',
        '{"values": [], "total": 0, "hasMore": false}'
    ),
    -- a function, with the rows of its caller; in its order
    (
        'admin', '{"type": "ref/resource", "uri": "test://two/{a}/{b}.txt"}', 'a', 'not',
        '{"values": ["Note B1", "Note A2", "Note A1"], "total": 3, "hasMore": false}'
    ),
    -- a function that the caller may not execute
    (
        'member_a', '{"type": "ref/resource", "uri": "test://two/{a}/{b}.txt"}', 'a', '',
        '{"values": [], "total": 0, "hasMore": false}'
    )
) as c (who, ref, argument, typed, expected);
select is(
    pg_temp.complete(
        'admin',
        '{"type": "ref/resource", "uri": "test://two/{a}/{b}.txt"}',
        'b',
        'z',
        '{"arguments": {"a": "y"}}'
    ),
    jsonb_build_object(
        'values',
        (select jsonb_agg(format('z:y:%s', n) order by n) from generate_series(1, 100) as n),
        'total', 120, 'hasMore', true
    ),
    'at most 100, what was typed and the other arguments known, in the order of the function'
);
select
    is(
        pg_temp.error(
            format('select mcp.complete(%L, %L, %L)', tests.credential(e.who), e.ref, e.argument)
        )
        ->> e.key,
        e.expected,
        format('refused: complete %s %s', e.ref, left(e.argument, 40))
    )
from (
    values
    (
        'admin',
        '{"type": "ref/prompt", "name": "no"}',
        '{"name": "a", "value": ""}',
        'constraint',
        'unknown_prompt'
    ),
    (
        'member_a',
        '{"type": "ref/prompt", "name": "test_admin_prompt"}',
        '{"name": "a", "value": ""}',
        'constraint',
        'unknown_prompt'
    ),
    (
        'admin',
        '{"type": "ref/resource", "uri": "test://two/x/1.txt"}',
        '{"name": "a", "value": ""}',
        'constraint',
        'unknown_resource'
    ),
    (
        'admin',
        '{"type": "ref/prompt", "name": "test_prompt"}',
        '{"name": "x", "value": ""}',
        'message',
        'argument must be an argument of test_prompt'
    ),
    ('admin', '{"type": "ref/tool", "name": "x"}', '{"name": "x", "value": ""}', 'code', '22023'),
    ('admin', '{"type": "ref/prompt", "name": "test_prompt"}', '{"name": "x"}', 'code', '22023'),
    (
        'admin',
        '{"type": "ref/prompt", "name": "test_prompt"}',
        '{"name": "x", "value": 1}',
        'code',
        '22023'
    ),
    (
        'admin', '{"type": "ref/prompt", "name": "test_prompt"}',
        jsonb_build_object('name', 'size', 'value', repeat('x', 1001))::text, 'code', '22023'
    )
) as e (who, ref, argument, key, expected);
select is(
    mcp_catalog.rank_completions('{Ann,banana,Big Ann,ANNA,Ann,null,x}', 'aN'),
    '{Ann,ANNA,"Big Ann",banana}',
    'ranked: the beginning, then the beginning of a word, then anywhere; each once'
);

-- lists
create function pg_temp.names(list jsonb, key text)
returns text
language sql
return (
    select string_agg(l.e ->> 'name', ' ' order by l.o)
    from jsonb_array_elements(names.list -> names.key) with ordinality as l (e, o)
    where l.e ->> 'name' like 'test%'
);
select is(
    pg_temp.names(mcp.list_resources(tests.credential('admin')), 'resources'),
    'test_admins test_bytes test_json test_nothing test_number test_prices test_text test_writes',
    'the resources of an admin, by name; no templates'
);
select is(
    pg_temp.names(mcp.list_resources(tests.credential('member_a')), 'resources'),
    'test_bytes test_json test_nothing test_number test_prices test_text test_writes',
    'of a member'
);
select is(
    pg_temp.names(mcp.list_resource_templates(tests.credential('member_a')), 'resourceTemplates'),
    'test_note test_two',
    'the templates'
);
select is(
    pg_temp.names(mcp.list_prompts(tests.credential('member_a')), 'prompts'),
    'test_prompt test_seen',
    'the prompts'
);
select is(
    jsonb_path_query_first(
        mcp.list_resources(tests.credential('admin')), '$.resources[*] ? (@.name == "test_text")'
    ),
    '{"name": "test_text", "uri": "test://text", "title": "T",
    "description": "A test.", "mimeType": "text/plain"}',
    'a resource as MCP wants it'
);
select is(
    jsonb_path_query_first(
        mcp.list_resource_templates(tests.credential('admin')),
        '$.resourceTemplates[*] ? (@.name == "test_two")'
    ),
    '{"name": "test_two", "uriTemplate": "test://two/{a}/{b}.txt", "title": "A test",
    "description": "A test.", "mimeType": "text/plain"}',
    'a template'
);
select is(
    jsonb_path_query_first(
        mcp.list_prompts(tests.credential('admin')), '$.prompts[*] ? (@.name == "test_prompt")'
    )
    - 'description',
    '{"name": "test_prompt", "title": "A prompt", "arguments": [
        {"name": "size", "description": "X.", "required": true},
        {"name": "is_big", "description": "X.", "required": false},
        {"name": "count", "description": "X.", "required": false}
    ]}',
    'a prompt, its arguments in order'
);

-- pages
update mcp_catalog.settings set value = '3'
where name = 'list_page_size';
create function pg_temp.pages(list text, key text)
returns text
language plpgsql
as $$
declare
    v_cursor text;
    v_page jsonb;
    v_names text := '';
begin
    loop
        execute format('select mcp.%I($1, $2)', list) into v_page using tests.credential('admin'), v_cursor;
        v_names := concat_ws('/', nullif(v_names, ''), (
            select string_agg(e ->> 'name', ' ' order by o)
            from jsonb_array_elements(v_page -> key) with ordinality as l (e, o)
        ));
        v_cursor := v_page ->> 'nextCursor';
        exit when v_cursor is null;
    end loop;
    return v_names;
end
$$;
delete from mcp_catalog.resources where name not like 'test%';
select is(
    pg_temp.pages('list_resources', 'resources'),
    'test_admins test_bytes test_json/test_nothing test_number test_prices/test_text test_writes',
    'pages of three'
);
delete from mcp_catalog.resources where name in ('test_text', 'test_writes');
select is(
    pg_temp.pages('list_resources', 'resources'),
    'test_admins test_bytes test_json/test_nothing test_number test_prices',
    'a full last page has no cursor'
);
select is(
    replace(pg_temp.pages('list_tools', 'tools'), '/', ' '),
    (
        select string_agg(t.name, ' ' order by t.name collate "C") from mcp_catalog.tools as t
        where has_function_privilege('demo_admins', t.function, 'execute')
    ),
    'tools in pages'
);
select finish();
rollback;
