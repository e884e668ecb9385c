-- mcp_catalog.refresh_catalog, exposed_functions, mark_catalog_stale, refresh_if_stale and
-- tool_reference: the catalogue follows the functions.
begin;
set local search_path = tests, ext, public;
select plan(25);

create function pg_temp.has_event_trigger()
returns boolean
language sql
stable
return exists (select from pg_event_trigger as e where e.evtname = 'mcp_catalog_stale');

-- a refresh reads the functions as they are
create function demo_api.test_it(x integer) returns integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select test_it.x;
end;
select tests.offer('demo_api.test_it(integer)', E'A test.\n\n@param x  A number.');
create temp table before on commit drop as
select
    count(*) as tools,
    (select c.digest from mcp_catalog.catalog_state as c) as digest
from mcp_catalog.tools;
select is(
    mcp_catalog.refresh_catalog(),
    (select b.tools + 1 from before as b)::integer,
    'one tool more'
);
select is(
    (select to_jsonb(t.*) from mcp_catalog.tools as t where t.name = 'test_it'),
    (
        select to_jsonb(t.*)
        from mcp_catalog.describe_tool('demo_api.test_it(integer)'::regprocedure) as t
    ),
    'its row is what describe_tool says'
);
select is(
    (select to_jsonb(c.*) - 'digest' from mcp_catalog.catalog_state as c),
    jsonb_build_object('only_row', true, 'is_stale', false, 'refreshed_at', now()),
    'the state: not stale, refreshed now'
);
select isnt(
    (select c.digest from mcp_catalog.catalog_state as c),
    (select b.digest from before as b),
    'another catalogue, another digest'
);
create temp table digests on commit drop as
select
    'a tool more' as what,
    c.digest
from mcp_catalog.catalog_state as c;
select
    is(
        (select c.digest from mcp_catalog.catalog_state as c),
        d.digest,
        'the same catalogue, the same digest'
    )
from digests as d
cross join mcp_catalog.refresh_catalog();
comment on function demo_api.test_it(integer) is E'A better test.\n\n@param x  A number.';
select mcp_catalog.refresh_catalog();
insert into digests
select
    'a comment',
    c.digest
from mcp_catalog.catalog_state as c;
revoke execute on function demo_api.test_it(integer) from demo_members;
select mcp_catalog.refresh_catalog();
insert into digests
select
    'a grant',
    c.digest
from mcp_catalog.catalog_state as c;
select is(
    (select count(distinct d.digest) from digests as d),
    3::bigint,
    'a comment and a grant change the digest'
);
select is(
    (select t.title from mcp_catalog.tools as t where t.name = 'test_it'),
    'A better test',
    'the comment as it is now'
);

-- refusals are rows
create function demo_api.test_bad() returns integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select 1;
end;
select tests.offer('demo_api.test_bad()');
comment on function demo_api.test_bad() is null;
create function demo_api.test_worse() returns integer
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select 1;
end;
select tests.offer('demo_api.test_worse()', E'A test.\n@tool destructive=maybe');
set local client_min_messages = error;
select is(
    mcp_catalog.refresh_catalog(),
    (select b.tools + 1 from before as b)::integer,
    'a function that cannot be a tool is none, and the others stay'
);
select results_eq(
    $$select function, reason from mcp_catalog.catalog_refusal order by function$$,
    $$values
    ('demo_api.test_bad()', 'it has no comment: say what it does, for whom and in which units'),
    (
        'demo_api.test_worse()',
        'it cannot be described: invalid input syntax for type boolean: "maybe"'
    )$$,
    'and why'
);
create function demo_api.test_bad(x integer) returns integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select test_bad.x;
end;
select tests.offer('demo_api.test_bad(integer)', E'A test.\n@param x  X.');
comment on function demo_api.test_bad() is 'A test.';
select mcp_catalog.refresh_catalog();
select results_eq(
    $$select function from mcp_catalog.catalog_refusal
    where reason = 'the name is overloaded: give each function its own name' order by function$$,
    array['demo_api.test_bad()', 'demo_api.test_bad(integer)'],
    'of an overload none is a tool'
);
drop function demo_api.test_bad(integer);
drop function demo_api.test_worse();
select is(
    mcp_catalog.refresh_catalog(),
    (select b.tools + 2 from before as b)::integer,
    'fixed, it is one'
);
select is_empty('select * from mcp_catalog.catalog_refusal', 'and nothing is refused any more');

-- exposed_functions
select bag_eq(
    $$
    select f.oid::regprocedure
    from mcp_catalog.exposed_functions() as f (oid)
    inner join pg_catalog.pg_proc as p on f.oid = p.oid
    where p.pronamespace = 'demo_api'::regnamespace
    $$,
    array[
        'demo_api.count_items()', 'demo_api.list_notes()', 'demo_api.test_bad()',
        'demo_api.test_it(integer)'
    ]::regprocedure [],
    'the functions of demo_api are exposed'
);
create schema test_more;
create function test_more.test_other() returns integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select 1;
end;
insert into mcp_catalog.exposed_schemas (schema) values ('test_more'), ('test_missing');
select is(
    (
        select count(*)
        from mcp_catalog.exposed_functions() as f (oid)
        where f.oid = 'test_more.test_other()'::regprocedure
    ),
    1::bigint,
    'and those of another exposed schema; one that does not exist is no error'
);
delete from mcp_catalog.exposed_schemas
where schema like 'test%';

-- DDL marks the catalogue stale, the end of the transaction refreshes it
select
    has_trigger(
        'mcp_catalog', 'catalog_state', 'catalog_state_refresh', 'the trigger of the commit'
    );
set constraints all immediate;
set constraints all deferred;
update mcp_catalog.catalog_state set is_stale = false;
select
    case
        when pg_temp.has_event_trigger()
            then is(
                (select c.is_stale from mcp_catalog.catalog_state as c),
                false,
                'not stale to begin with'
            )
        else skip('only a superuser may create an event trigger', 1)
    end;
drop function demo_api.test_bad();
select
    case
        when pg_temp.has_event_trigger()
            then is(
                (select c.is_stale from mcp_catalog.catalog_state as c),
                true,
                'DDL marks the catalogue stale'
            )
        else skip('only a superuser may create an event trigger', 1)
    end;
update mcp_catalog.catalog_state set is_stale = true;
select is(
    (select count(*) from mcp_catalog.tools as t where t.name = 'test_bad'),
    1::bigint,
    'and leaves it as it is'
);
set constraints all immediate;
select is(
    (select count(*) from mcp_catalog.tools as t where t.name = 'test_bad'),
    0::bigint,
    'at the commit it is refreshed'
);
select is(
    (select c.is_stale from mcp_catalog.catalog_state as c),
    false,
    'and no longer stale'
);
update mcp_catalog.catalog_state set digest = 'untouched';
select is(
    (select c.digest from mcp_catalog.catalog_state as c),
    'untouched',
    'a commit that finds it fresh does nothing'
);

-- what a refresh tells the shim: the shim's part of the catalogue, by its digest
select mcp_catalog.refresh_catalog();
select is(
    mcp.shim_catalog() ->> 'version',
    (select c.digest from mcp_catalog.catalog_state as c),
    'the version is the digest'
);

-- tool_reference
select matches(
    mcp_catalog.tool_reference(),
    '## test_it\n\nA better test\.\n\nReads only; at most 30 s; for demo_admins\.\n',
    'tool_reference: a tool is for those who may execute it'
);
grant execute on function demo_api.test_it(integer) to demo_members;
select is(
    substring(mcp_catalog.tool_reference() from '## test_it\n.*?(?=\n## |$)'),
    E'## test_it\n\nA better test.\n\n'
    || E'Reads only; at most 30 s; for demo_admins, demo_members.\n'
    || E'\n| argument | must be | default | meaning |\n| --- | --- | --- | --- |\n'
    || E'| `x` | an integer from -2147483648 to 2147483647 | required | A number. |\n',
    'tool_reference: a tool in Markdown'
);
select is(
    (select count(*) from regexp_matches(mcp_catalog.tool_reference(), '^## \w+$', 'gn')),
    (select count(*) from mcp_catalog.tools),
    'tool_reference: every tool'
);

select finish();
rollback;
