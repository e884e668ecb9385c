-- api_name.skill_name: who reads it.
begin;
set local search_path = tests, public;
select plan(2);
select tests.load_fixture();

select matches(
    mcp.read_resource(
        tests.credential(tests.caller_of('audience_name')), 'skill://skill_slug/SKILL.md'
    ) #>> '{contents,0,text}',
    E'^---\nname: skill_slug\n',
    'audience_name: the text, after its front matter'
);
select is(
    tests.error_of(format(
        'select mcp.read_resource(%L, %L)',
        tests.credential(tests.stranger()), 'skill://skill_slug/SKILL.md'
    )) ->> 'constraint',
    'unknown_resource',
    'another audience: the skill does not exist'
);

select finish();
rollback;
