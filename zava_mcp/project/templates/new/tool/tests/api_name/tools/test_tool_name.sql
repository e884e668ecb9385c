-- api_name.tool_name: what each caller gets, and who is refused.
begin;
set local search_path = tests, public;
select plan(3);
select tests.load_fixture();

select is(
    tests.call(
        tests.caller_of('audience_name'), 'tool_name', '{"max_results": 2}'
    ) -> 'rows',
    '[{"result": 1}, {"result": 2}]',
    'audience_name: as many results as asked for'
);
select is(
    tests.refusal(
        tests.caller_of('audience_name'), 'tool_name', '{"max_results": 1001}'
    ) ->> 'column',
    'max_results',
    'audience_name: no more than 1000'
);
select is(
    tests.refusal(tests.stranger(), 'tool_name') ->> 'constraint',
    'unknown_tool',
    'another audience: the tool does not exist'
);

select finish();
rollback;
