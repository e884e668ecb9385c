-- api_name.tool_name: who is refused. Add what each caller gets, and a row that is not theirs.
begin;
set local search_path = tests, public;
select plan(1);
select tests.load_fixture();

select is(
    tests.refusal(tests.stranger(), 'tool_name') ->> 'constraint',
    'unknown_tool',
    'another audience: the tool does not exist'
);

select finish();
rollback;
