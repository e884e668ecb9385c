-- api_name.prompt_name: what each caller gets, and who is refused.
begin;
set local search_path = tests, public;
select plan(2);
select tests.load_fixture();

select is(
    mcp.get_prompt(
        tests.credential(tests.caller_of('audience_name')), 'prompt_name', '{"topic": "sales"}'
    ) -> 'messages',
    '[{"role": "user", "content": {"type": "text", "text": "Report on sales."}}]',
    'audience_name: the message'
);
select is(
    tests.error_of(format(
        'select mcp.get_prompt(%L, %L)', tests.credential(tests.stranger()), 'prompt_name'
    )) ->> 'constraint',
    'unknown_prompt',
    'another audience: the prompt does not exist'
);

select finish();
rollback;
