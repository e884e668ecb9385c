-- api_name.resource_name: what each caller reads, and who is refused.
begin;
set local search_path = tests, public;
select plan(2);
select tests.load_fixture();

select is(
    mcp.read_resource(
        tests.credential(tests.caller_of('audience_name')), 'scheme_name://resource_name/2'
    ) #>> '{contents,0,text}',
    'This is 2.',
    'audience_name: the text'
);
select is(
    tests.error_of(format(
        'select mcp.read_resource(%L, %L)',
        tests.credential(tests.stranger()), 'scheme_name://resource_name/2'
    )) ->> 'constraint',
    'unknown_resource',
    'another audience: the resource does not exist'
);

select finish();
rollback;
