-- api.tool_name: what each caller gets, and who is refused.
begin;
set local search_path = tests, ext, public;
select plan(2);
select tests.load_fixture();

select is(
    tests.call('manager_a', 'tool_name', '{"max_results": 2}') -> 'rows',
    '[{"result": 1}, {"result": 2}]',
    'manager_a: as many results as asked for'
);
select is(
    tests.refusal('regional', 'tool_name') ->> 'constraint',
    'unknown_tool',
    'regional: another audience is told of no such tool'
);

select finish();
rollback;
