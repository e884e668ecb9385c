-- mcp_migrate.check_descriptions: of more than ten tools each says when to use it, and has a
-- question that it answers, and an audience.
begin;
set local search_path = tests, ext, public;
select plan(6);
select tests.load_fixture();

create function pg_temp.found()
returns text[]
language sql
return array(
    select format('%s: %s', c.object, c.problem)
    from mcp_migrate.check_descriptions as c
    where c.problem like '% tools to choose from%'
    order by 1
);

create function pg_temp.of_nobody()
returns text[]
language sql
return array(
    select format('%s: %s', c.object, c.problem)
    from mcp_migrate.check_descriptions as c
    where c.number = 'ZM306'
    order by 1
);
select is(pg_temp.of_nobody(), '{}', 'an audience may execute each of the fixture');
revoke execute on function demo_api.list_notes() from demo_members;
select is(pg_temp.of_nobody(), '{}', 'one audience is enough');
revoke execute on function demo_api.list_notes() from demo_admins;
select is(
    pg_temp.of_nobody(),
    array[
        'demo_api.list_notes(): no audience may execute it: grant execute on it to one of '
        'demo_admins, demo_members'
    ],
    'without one it is told of'
);

update mcp_catalog.tools set description = 'Notes.';
select is(pg_temp.found(), '{}', 'few tools need neither');

insert into mcp_catalog.tools
select (jsonb_populate_record(t, jsonb_build_object('name', 'more_' || n.n))).*
from mcp_catalog.tools as t
cross join generate_series(1, 11 - (select count(*)::integer from mcp_catalog.tools)) as n (n)
where t.name = 'list_notes';
update mcp_catalog.tools set description = E'Notes.\nUse it.\nExamples: a?';
select is(pg_temp.found(), '{}', 'all of eleven tools have both');

update mcp_catalog.tools set description = E'Notes.\nExamples: a?' where name = 'list_notes';
update mcp_catalog.tools set description = E'Lines.\nUse it.' where name = 'count_items';
select is(
    pg_temp.found(),
    array[
        'demo_api.count_items(): there are 11 tools to choose from, and its description has no '
        'question that it answers: add lines @example',
        'demo_api.list_notes(): there are 11 tools to choose from, and its description does not '
        'say when to use it, or when not: add a sentence such as "Use it for ..."'
    ],
    'one lacks a question, one the use'
);

select finish();
rollback;
