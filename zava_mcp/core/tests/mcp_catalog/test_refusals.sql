-- mcp_catalog.refusals: each reason why a function cannot be a tool, named, with what to change.
begin;
set local search_path = tests, ext, public;
set local check_function_bodies = off;
select plan(74);

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
        '@return is no tag: use @param, @returns, @error, @schema and '
        '@tool, @resource, @prompt or @completes'
    ],
    'a tag that is none'
);
select results_eq(
    $$select pg_temp.make(comment => E'A test.\n@param x  A number.\n@tool readonly')$$,
    array[
        '@tool readonly is no option: '
        'use title, timeout, cache, output, page_key, sandbox, destructive, idempotent'
    ],
    'an option of @tool that is none'
);
select results_eq(
    $$select pg_temp.make(comment => E'A test.\n@param x  A number.\n@tool output=full')$$,
    array['@tool output must be brief, or be left out'],
    'output that is not brief'
);
select
    results_eq(
        format('select pg_temp.make(comment => E''A test.\n@param x  X.\n@tool %s'')', o.option),
        array[format('@tool %s must be a time like 500ms or 5s, at most 60s', o.name)],
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
            'the comment has control, bidi or invisible characters, which hide instructions: '
            'remove them'
        ],
        format('a comment with %s', c.what)
    )
from (
    values
    (E'A \u001B[31mtest.', 'an ANSI escape'),
    (E'A test.\u009B31m', 'a C1 control character'),
    (E'A test.\n\nMore\rless.', 'a carriage return'),
    (E'A test.\n\n\u202Egnissorg\u202C', 'a bidi override'),
    (E'A \u2067test\u2069.', 'a bidi isolate'),
    (E'A\u200F test.', 'a bidi mark'),
    (E'A\u061C test.', 'the Arabic bidi mark'),
    (E'A\u200B test.', 'a zero-width space'),
    (E'A\uFEFF test.', 'a byte order mark'),
    (E'A\u00AD test.', 'a soft hyphen'),
    (E'A\u2028 test.', 'a line separator'),
    (E'A\u3164 test.', 'a Hangul filler'),
    (E'A test.\U000E0049\U000E0067', 'tag characters'),
    (E'A test.\U000E0101', 'a variation selector that no font shows')
) as c (comment, what);
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
