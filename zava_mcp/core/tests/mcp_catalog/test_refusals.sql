-- mcp_catalog.refusals, with schema_refusals and borrowed_rights: each reason why a function cannot
-- be a tool, named, with what to change.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
set local check_function_bodies = off;
select plan(92);

-- a good tool, from which each refused one differs in one thing
create function pg_temp.make(
    arguments text default 'x integer',
    result text default 'integer',
    comment text default E'A test.\n\n@param x  A number.',
    options text default 'security definer set search_path = pg_catalog, pg_temp',
    owner text default 'mcp_tools'
)
returns setof text
language plpgsql
as $$
declare
    v_function regprocedure;
begin
    execute format(
        'create function demo_api.test_it(%s) returns %s language plpgsql stable %s as %L',
        arguments, result, options, 'begin end'
    );
    v_function := (
        select p.oid from pg_catalog.pg_proc as p
        where p.proname = 'test_it' and p.pronamespace = 'demo_api'::regnamespace
    );
    perform tests.offer(v_function::text, comment, owner::name);
    return query select r.* from mcp_catalog.refusals(v_function) as r;
    execute format('drop function %s', v_function);
end
$$;

select is_empty(
    $$select pg_temp.make()$$,
    'nothing against a good tool'
);
select is_empty(
    $$
    select mcp_catalog.refusals(p.oid) from pg_proc as p where p.pronamespace = 'demo_api'::regnamespace
    $$,
    'nothing against the tools of the application'
);

-- arguments
select results_eq(
    $$select pg_temp.make(arguments => 'integer', comment => 'A test.')$$,
    array['an argument has no name: name it'],
    'an argument without a name'
);
select results_eq(
    $$select pg_temp.make(arguments => 'x integer, integer')$$,
    array['an argument has no name: name it', 'argument  has no @param line: add one'],
    'one of two arguments without a name'
);
select results_eq(
    $$select pg_temp.make(arguments => 'variadic x integer []')$$,
    array['the last argument is variadic: take an array'],
    'variadic'
);
select
    results_eq(
        format($$select pg_temp.make(arguments => 'x %s')$$, t.type),
        array['an argument or column has a polymorphic or pseudo type: state a type'],
        format('an argument of type %s', t.type)
    )
from unnest(array['anyelement', 'anyarray', 'anyenum', 'anyrange', 'record']) as t (type);

-- results
select
    results_eq(
        format(
            $$select pg_temp.make(arguments => '', comment => 'A test.', result => '%s')$$, t.type
        ),
        array[
            'the result is a bare record, polymorphic or a pseudo type: '
            'use returns table or a composite type'
        ],
        format('the result %s', t.type)
    )
from unnest(array['record', 'setof record', 'trigger', 'event_trigger']) as t (type);
select results_eq(
    $$select pg_temp.make(arguments => 'x anyarray', result => 'anyelement')$$,
    array[
        'an argument or column has a polymorphic or pseudo type: state a type',
        'the result is a bare record, polymorphic or a pseudo type: '
        'use returns table or a composite type'
    ],
    'a polymorphic function'
);
select results_eq(
    $$select pg_temp.make(arguments => 'x anyelement', result => 'table (a anyelement)')$$,
    array[
        'an argument or column has a polymorphic or pseudo type: state a type',
        'the result is a bare record, polymorphic or a pseudo type: '
        'use returns table or a composite type'
    ],
    'a polymorphic column'
);
select
    is_empty(
        format('select pg_temp.make(arguments => %L, result => %L)', a.arguments, a.result),
        format('nothing against: %s returns %s', a.arguments, a.result)
    )
from (
    values
    ('x integer', 'void'),
    ('x integer', 'setof integer'),
    ('x integer', 'table (a integer, b text)'),
    ('x integer, out a integer, out b text', 'record'),
    ('x integer, out a integer', 'integer'),
    ('inout x integer', 'integer'),
    ('x integer', 'demo.tally'),
    ('x integer[] default null', 'demo.tally[]'),
    ('x demo.tally', 'jsonb')
) as a (arguments, result);

-- the comment
select results_eq(
    $$select pg_temp.make(arguments => '', comment => null)$$,
    array['it has no comment: say what it does, for whom and in which units'],
    'no comment'
);
select
    results_eq(
        format('select pg_temp.make(comment => %L)', c.comment || E'\n@param x  A number.'),
        array['the first line of the comment must be a summary of 1 to 100 characters'],
        format('a comment without a short first line: %s', left(c.comment, 20))
    )
from unnest(array['', repeat('x', 101)]) as c (comment);
select is_empty(
    format('select pg_temp.make(comment => %L)', repeat('x', 100) || E'\n@param x  A number.'),
    'a summary of 100 characters'
);
select results_eq(
    $$select pg_temp.make(comment => E'A test.\n@param x  A number.\n@param y  Another.')$$,
    array['@param y names no argument: correct the name or remove the line'],
    '@param for an argument that is none'
);
select results_eq(
    $$select pg_temp.make(comment => E'A test.\n@param x  A number.\n@param')$$,
    array['@param  names no argument: correct the name or remove the line'],
    '@param without a name'
);
select results_eq(
    $$select pg_temp.make(
        arguments => 'x integer, out y integer', comment => E'A test.\n@param x  X.\n@param y  Y.'
    )$$,
    array['@param y names no argument: correct the name or remove the line'],
    '@param for a result'
);
select results_eq(
    $$select pg_temp.make(comment => 'A test.')$$,
    array['argument x has no @param line: add one'],
    'an argument without @param'
);
select results_eq(
    $$select pg_temp.make(comment => E'A test.\n@param x  A number.\n@return  A number.')$$,
    array[
        '@return is no tag: use @param, @returns, @error, @schema, @ui, @example and '
        '@tool, @resource, @prompt, @skill or @completes'
    ],
    'a tag that is none'
);
select results_eq(
    $$select pg_temp.make(comment => E'A test.\n@param x  A number.\n@tool readonly')$$,
    array[
        '@tool readonly is no option: '
        'use title, timeout, cache, output, page_key, group, sandbox, destructive, idempotent, '
        'task, task_timeout, ask, pair, export, icon'
    ],
    'an option of @tool that is none'
);
select results_eq(
    $$select pg_temp.make(comment => E'A test.\n@param x  A number.\n@tool output=short')$$,
    array['@tool output must be brief, types or full, or be left out'],
    'output that is neither'
);
select
    results_eq(
        format('select pg_temp.make(comment => E''A test.\n@param x  X.\n@tool %s'')', o.option),
        array[format('@tool %s must be a time like 500ms, 5s or 10m, at most 60s', o.name)],
        format('a bad time: %s', o.option)
    )
from (
    values
    ('timeout=5m', 'timeout'),
    ('timeout=61s', 'timeout'),
    ('timeout=0s', 'timeout'),
    ('timeout', 'timeout'),
    ('timeout=fast', 'timeout'),
    ('cache=1h', 'cache')
) as o (option, name);
select is_empty(
    $$select pg_temp.make(
        comment => E'A test.\n@param x  X.\n@tool title="A b" timeout=60s cache=1000s idempotent'
    )$$,
    'good options of @tool'
);
select
    results_eq(
        format('select pg_temp.make(comment => %L)', c.comment || E'\n@param x  X.'),
        array[
            format(
                'the comment has a control, bidi or invisible character, %s, which hides '
                'instructions: remove it', c.place
            )
        ],
        format('a comment with %s', c.what)
    )
from (
    values
    (E'A \u001B[31mtest.', 'an ANSI escape', 'U+001B at line 1, column 3'),
    (E'A test.\u009B31m', 'a C1 control character', 'U+009B at line 1, column 8'),
    (E'A test.\n\nMore\rless.', 'a carriage return', 'U+000D at line 3, column 5'),
    (E'A test.\n\n\u202Egnissorg\u202C', 'a bidi override', 'U+202E at line 3, column 1'),
    (E'A \u2067test\u2069.', 'a bidi isolate', 'U+2067 at line 1, column 3'),
    (E'A\u200F test.', 'a bidi mark', 'U+200F at line 1, column 2'),
    (E'A\u061C test.', 'the Arabic bidi mark', 'U+061C at line 1, column 2'),
    (E'A\u200B test.', 'a zero-width space', 'U+200B at line 1, column 2'),
    (E'A\uFEFF test.', 'a byte order mark', 'U+FEFF at line 1, column 2'),
    (E'A\u00AD test.', 'a soft hyphen', 'U+00AD at line 1, column 2'),
    (E'A\u2028 test.', 'a line separator', 'U+2028 at line 1, column 2'),
    (E'A\u3164 test.', 'a Hangul filler', 'U+3164 at line 1, column 2'),
    (E'A test.\U000E0049\U000E0067', 'tag characters', 'U+E0049 at line 1, column 8'),
    (E'A test.\U000E0101', 'a variation selector that no font shows', 'U+E0101 at line 1, column 8')
) as c (comment, what, place);
select is_empty(
    format(
        'select pg_temp.make(comment => %L)',
        E'Zoë''s tést: 日本語, فارسی, ❤\uFE0F.\n\n\tIndented.\n@param x  An emoji 🪴.'
    ),
    'nothing against the letters of any language, emoji, tabs and lines'
);
select results_eq(
    format(
        'select pg_temp.make(arguments => %L, comment => %L)',
        U&'"x\202E" integer', U&'A test.'
    ),
    array[
        U&'the name of argument or column "x\202E" has control, bidi or invisible characters: '
        'rename it',
        U&'argument x\202E has no @param line: add one'
    ],
    'an argument whose name hides something'
);

-- names that hosts refuse
select
    results_eq(
        format(
            'select pg_temp.make(arguments => %L, comment => %L)',
            a.argument || ' integer',
            E'A test.\n@param ' || a.name || '  X.'
        ),
        array[
            format(
                'argument %s: hosts take names of 1 to 64 letters, digits and "_" alone: rename it',
                to_json(a.name)
            )
        ],
        format('an argument named %s', a.name)
    )
from (values ('größe', 'größe'), ('"store-id"', 'store-id')) as a (argument, name);

-- what of a signature would run as mcp_core
create schema test_author;
grant usage on schema test_author to mcp_core;
create function test_author.steal(value text) returns boolean
language sql
return steal.value <> '';
create function test_author.safe(value text) returns boolean
language sql
security definer
set search_path = pg_catalog, pg_temp
return safe.value <> '';
create function test_author.number() returns integer
language sql
return 1;
create function test_author.at(value text, other text) returns boolean
language sql
return at.value <> at.other;
do $$
begin
    create operator test_author.@@@ (
        function = test_author.at, leftarg = text, rightarg = text
    );
    create domain test_author.operated as text
    constraint operated_check check (value operator(test_author.@@@) 'x');
end
$$;
create domain test_author.stolen as text constraint stolen_check check (test_author.steal(value));
create domain test_author.fine as text constraint fine_check check (
    test_author.safe(value) and length(value) < 10
);
create domain test_author.xml as text
constraint xml_check check (query_to_xml(value, true, true, '') is not null);
create type test_author.part as (a test_author.stolen);
create type test_author.cast_one as (a text);
create function test_author.to_json(value test_author.cast_one) returns json
language sql
return '{}'::json;
create cast (test_author.cast_one as json) with function test_author.to_json(test_author.cast_one);
select
    results_eq(
        format('select pg_temp.make(%L, %L)', c.arguments, c.result),
        array[
            format(
                '%s, which would run with the rights of mcp_core: make that function security '
                'definer, or do without it', c.reason
            )
        ],
        format('refused: (%s) returns %s', c.arguments, c.result)
    )
from (
    values
    (
        'x test_author.stolen', 'integer',
        'the CHECK stolen_check of its type test_author.stolen calls test_author.steal(text)'
    ),
    (
        'x test_author.stolen[]', 'integer',
        'the CHECK stolen_check of its type test_author.stolen calls test_author.steal(text)'
    ),
    (
        'x test_author.part', 'integer',
        'the CHECK stolen_check of its type test_author.stolen calls test_author.steal(text)'
    ),
    (
        'x integer', 'test_author.stolen',
        'the CHECK stolen_check of its type test_author.stolen calls test_author.steal(text)'
    ),
    (
        'x test_author.operated', 'integer',
        'the CHECK operated_check of its type test_author.operated calls test_author.at(text,text)'
    ),
    (
        'x test_author.xml', 'integer',
        'the CHECK xml_check of its type test_author.xml calls '
        'query_to_xml(text,boolean,boolean,text)'
    ),
    (
        'x integer default test_author.number()', 'integer',
        'the default of an argument calls test_author.number()'
    ),
    (
        'x integer', 'test_author.cast_one',
        'the cast of its type test_author.cast_one to json calls '
        'test_author.to_json(test_author.cast_one)'
    )
) as c (arguments, result, reason);
select is_empty(
    $$select pg_temp.make('x test_author.fine default now()::text')$$,
    'a definer function runs as its owner, what is built in does no harm'
);

-- an overload by somebody who has no part in the tools
create role test_stranger;
grant usage, create on schema demo_api to test_stranger;
grant usage on language sql to test_stranger;
create function demo_api.test_it(x integer) returns integer
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as 'begin end';
select tests.offer('demo_api.test_it(integer)', E'A test.\n\n@param x  A number.');
select throws_ok(
    tests.writes(
        null, 'create function demo_api.test_it() returns integer language sql return 1',
        'test_stranger'
    ),
    '42723',
    'demo_api.test_it() has the name of a tool',
    'a stranger cannot overload a tool'
);
do 'begin alter event trigger mcp_catalog_stale disable; end';
set local role test_stranger;
create function demo_api.test_it() returns integer language sql return 1;
reset role;
do 'begin alter event trigger mcp_catalog_stale enable; end';
select is_empty(
    $$select mcp_catalog.refusals('demo_api.test_it(integer)'::regprocedure)$$,
    'and one that got there takes no good tool away'
);
select isnt_empty(
    $$select mcp_catalog.refusals('demo_api.test_it()'::regprocedure)$$,
    'it is refused itself'
);
drop function demo_api.test_it();
drop function demo_api.test_it(integer);

-- an @schema that no call can follow
select
    results_eq(
        format(
            'select pg_temp.make(arguments => %L, comment => %L)', 'x integer',
            E'A test.\n@param x  X.\n@schema ' || c.schema
        ),
        c.reasons,
        format('@schema %s', c.schema)
    )
from (
    values
    ('{"type": "object", "properties": {"x": {"type": "integer", "maximum": 5}}}', '{}'::text[]),
    (
        '{"type": "object", "properties": {"x": {}, "y": {}}}',
        array['@schema names "y", which is no argument: a call that sends it is refused']
    ),
    (
        '{"type": "object", "properties": {"x": {}}, "required": ["z"]}',
        array['@schema names "z", which is no argument: a call that sends it is refused']
    ),
    (
        '{"type": "object", "properties": {}}',
        array['@schema does not offer the argument x, which has no default: add it']
    )
) as c (schema, reasons);

-- owner and rights
select
    results_eq(
        format('select pg_temp.make(owner => %L, comment => %L)', o.owner, o.comment),
        array[
            format(
                'it is owned by %s: alter function ... owner to mcp_tools '
                '(or tag it @tool sandbox and give it to mcp_sandbox)', o.owner
            )
        ],
        format('owned by %s%s', o.owner, o.tag)
    )
from (
    values
    ('demo_owner', E'A test.\n@param x  X.', ''),
    ('mcp_sandbox', E'A test.\n@param x  X.', ' and not tagged'),
    ('mcp_tools', E'A test.\n@param x  X.\n@tool sandbox', ' and tagged')
) as o (owner, comment, tag);
select is_empty(
    $$select pg_temp.make(
        owner => 'mcp_sandbox', comment => E'A test.\n@param x  X.\n@tool sandbox'
    )$$,
    'owned by mcp_sandbox and tagged'
);
select results_eq(
    $$select pg_temp.make(options => 'set search_path = pg_catalog, pg_temp')$$,
    array[
        'it is security invoker: make it security definer, so that it runs as its powerless owner'
    ],
    'security invoker'
);
select
    results_eq(
        format('select pg_temp.make(options => %L)', o.options),
        array['it has no search_path: add "set search_path = pg_catalog, pg_temp"'],
        format('no search_path: %s', o.options)
    )
from unnest(array['security definer', 'security definer set work_mem = 65536']) as o (options);

create function demo_api.test_open() returns integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select 1;
end;
select tests.offer('demo_api.test_open()');
grant execute on function demo_api.test_open() to public;
select results_eq(
    $$select mcp_catalog.refusals('demo_api.test_open()'::regprocedure)$$,
    array['PUBLIC may execute it: revoke all on function ... from public'],
    'open to PUBLIC'
);
revoke execute on function demo_api.test_open() from public, mcp_core;
select results_eq(
    $$select mcp_catalog.refusals('demo_api.test_open()'::regprocedure)$$,
    array['mcp_core may not execute it: grant execute on function ... to mcp_core'],
    'closed to mcp_core'
);
grant execute on function demo_api.test_open() to mcp_core;

-- names
create function demo_api.test_open(x integer) returns integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select test_open.x;
end;
select tests.offer('demo_api.test_open(integer)', E'A test.\n@param x  X.');
select
    results_eq(
        format('select mcp_catalog.refusals(%L::regprocedure)', f.function),
        array['the name is overloaded: give each function its own name'],
        format('overloaded: %s', f.function)
    )
from unnest(array['demo_api.test_open()', 'demo_api.test_open(integer)']) as f (function);
do $do$
begin
    execute $$
        create function demo_api."test größe"() returns integer language sql stable security definer
        set search_path = pg_catalog, pg_temp begin atomic select 1; end
    $$;
end
$do$;
select tests.offer('demo_api."test größe"()');
select results_eq(
    $$select mcp_catalog.refusals('demo_api."test größe"()'::regprocedure)$$,
    array[
        'the name has characters that MCP does not allow: use letters, digits, "_", "-" and "."'
    ],
    'a name that MCP does not allow'
);

-- what is no plain function
create procedure demo_api.test_procedure()
language sql
begin atomic
    select 1;
end;
create aggregate demo_api.test_aggregate (integer)(sfunc = int4pl, stype = integer);
select
    results_eq(
        format('select mcp_catalog.refusals(%L::regprocedure)', f.function),
        array['is no plain function: write one'],
        format('no plain function: %s', f.function)
    )
from unnest(array['demo_api.test_procedure()', 'demo_api.test_aggregate(integer)']) as f (function);

-- several reasons at once
create function demo_api.test_bad(integer) returns integer language sql as 'select 1';
grant execute on function demo_api.test_bad(integer) to public;
select is(
    (select count(*) from mcp_catalog.refusals('demo_api.test_bad(integer)'::regprocedure)),
    6::bigint,
    'all the reasons at once'
);

select finish();
rollback;
