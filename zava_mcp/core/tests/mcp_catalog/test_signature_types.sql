-- mcp_catalog.signature_types: the types of a function's signature, with all that they are made of.
begin;
set local search_path = tests, ext, public;
select plan(3);

create domain demo_api.test_width as numeric;
create type demo_api.test_size as (width demo_api.test_width, notes text []);
create function demo_api.test_it(x demo_api.test_size [], inout n integer, out seen date)
language sql return (1, current_date);

select bag_eq(
    $$
    select t.type::regtype::text, t.is_input
    from mcp_catalog.signature_types('demo_api.test_it(demo_api.test_size[], integer)'::regprocedure) as t
    $$,
    $$
    values
        ('demo_api.test_size[]', true), ('demo_api.test_size', true),
        ('demo_api.test_width', true), ('numeric', true), ('text[]', true), ('text', true),
        ('integer', true), ('date', false), ('record', false)
    $$,
    'arrays, composites and domains down to the last type; the result as such is a record'
);
alter type demo_api.test_size drop attribute notes;
select bag_hasnt(
    $$
    select t.type::regtype::text
    from mcp_catalog.signature_types('demo_api.test_it(demo_api.test_size[], integer)'::regprocedure) as t
    $$,
    $$values ('text')$$,
    'a column that was dropped is none of its types'
);
create function demo_api.test_same(x date) returns date language sql return x;
select bag_eq(
    $$
    select t.type::regtype::text, t.is_input
    from mcp_catalog.signature_types('demo_api.test_same(date)'::regprocedure) as t
    $$,
    $$values ('date', true), ('date', false)$$,
    'a type of an argument and of the result comes twice'
);

select finish();
rollback;
