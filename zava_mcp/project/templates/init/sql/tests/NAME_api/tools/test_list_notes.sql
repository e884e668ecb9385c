-- NAME_api.list_notes: each caller gets their own tenants' notes.
begin;
set local search_path = tests, public;
select plan(4);
select tests.load_fixture();

select is(
    tests.cells(tests.call('north', 'list_notes'), 'body'),
    array['Count the drills', 'Order paint'],
    'north: its own notes, and not that of south, which exists'
);
select is(
    tests.cells(tests.call('south', 'list_notes'), 'body'),
    array['Call the plumber'],
    'south: its own note'
);
select is(
    tests.cells(tests.call('nobody', 'list_notes'), 'body'),
    array[]::text[],
    'nobody: an empty scope shows no row'
);
select is(
    tests.cells(tests.call('north', 'list_notes', '{"max_results": 1}'), 'body'),
    array['Count the drills'],
    'max_results bounds the answer'
);

select finish();
rollback;
