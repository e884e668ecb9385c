-- api_name.tool_name: what each caller gets, and who is refused.
begin;
set local search_path = tests, public;
select plan(2);
select tests.load_fixture();

select is(
    tests.call(
        tests.caller_of('audience_name'), 'tool_name', '{"max_results": 2}'
    ) -> 'rows',
    '[{"result": 1}, {"result": 2}]',
    'audience_name: as many results as asked for'
);
select is(
    tests.refusal(tests.stranger(), 'tool_name') ->> 'constraint',
    'unknown_tool',
    'another audience: the tool does not exist'
);

select finish();
rollback;
