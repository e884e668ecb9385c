-- mcp_catalog.hidden_types: which types of a function the core would have to name, and may not.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(4);

create schema test_types;
create type test_types.mood as enum ('calm', 'rough');
create domain test_types.width as numeric;
create type test_types.size as (mood test_types.mood, width integer);
create function demo_api.test_it(x test_types.size []) returns integer language sql return 1;
create function demo_api.test_that() returns table (mood test_types.mood, n integer)
language sql
begin atomic
    select
        'calm'::test_types.mood,
        1;
end;
create function demo_api.test_width() returns test_types.width language sql return 1;

select results_eq(
    $$select mcp_catalog.refusals('demo_api.test_it(test_types.size[])'::regprocedure)$$,
    array[
        'mcp_core may not use schema test_types, where its type test_types.mood, test_types.size, '
        'test_types.size[] is: grant usage on schema test_types to mcp_core'
    ],
    'an argument, with what it is made of, and the refusal says no more'
);
select is_empty(
    $$select mcp_catalog.hidden_types('demo_api.test_that()'::regprocedure)$$,
    'a label leaves as its text'
);
select results_eq(
    $$select mcp_catalog.hidden_types('demo_api.test_width()'::regprocedure)$$,
    array[
        'mcp_core may not use schema test_types, where its type test_types.width is: grant usage '
        'on schema test_types to mcp_core'
    ],
    'a domain of numbers is asked about NaN'
);
grant usage on schema test_types to mcp_core;
select is_empty(
    $$select mcp_catalog.hidden_types('demo_api.test_width()'::regprocedure)$$,
    'the remedy works'
);

select finish();
rollback;
