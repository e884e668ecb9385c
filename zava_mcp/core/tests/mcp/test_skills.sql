-- mcp.list_skills, mcp.get_skill, and the text of a skill as a resource: who gets which, what is
-- refused, and that digests hold.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(33);
select tests.load_fixture();

create function pg_temp.offer(
    name text, body text, comment text, declared text default 'returns text language sql immutable'
)
returns void
language plpgsql
as $$
begin
    execute format(
        'create function demo_api.%I() %s security definer set search_path = pg_catalog, pg_temp as %L',
        name, declared, format('select %L::text', body)
    );
    perform tests.offer(format('demo_api.%I()', name), comment);
end
$$;
select
    pg_temp.offer('skill_tool', 'x', 'A tool of all.'),
    pg_temp.offer('skill_admin_tool', 'x', 'A tool of admins.'),
    pg_temp.offer(
        'skill_one', E'\n# One\n\nCall skill_tool. Then "stop": Zoë 🛒.\n\n',
        E'Do one thing: with "quotes", a \\ and Zoë.\n\nUse it at noon.\n@skill title="One thing"'
    ),
    pg_temp.offer('skill_two', 'Call `skill_admin_tool`.', E'Do the other thing.\n@skill'),
    pg_temp.offer('skill_three', 'Call nothing.', E'Do nothing.\n@skill');
revoke execute on function demo_api.skill_admin_tool(), demo_api.skill_three() from demo_members;
select mcp_catalog.refresh_catalog();
select is_empty('select * from mcp_catalog.catalog_refusal', 'all are offered');

create function pg_temp.names(result jsonb, list text)
returns text []
language sql
as $$
    select array_agg(e #>> '{frontmatter,name}' order by n)
    from jsonb_array_elements(result -> list) with ordinality as l (e, n)
    where e ->> 'uri' like 'skill://skill-%'
$$;
create function pg_temp.error(statement text)
returns text
language sql
volatile
return tests.error_of(error.statement) ->> 'constraint';

-- both sides
select is(
    pg_temp.names(mcp.list_skills(tests.credential('admin')), 'skills'),
    array['skill-one', 'skill-three', 'skill-two'],
    'an admin has all of them, by address'
);
select is(
    pg_temp.names(mcp.list_skills(tests.credential('member_a')), 'skills'),
    array['skill-one'],
    'a member has neither what is granted to others nor what names a tool of others'
);
select
    is(
        pg_temp.error(format('select mcp.%s(%L, %L)', f.name, tests.credential('member_a'), u.uri)),
        f.expected,
        format('%s: unknown to a member: %s', f.name, u.uri)
    )
from (
    values ('get_skill', 'unknown_skill'), ('read_resource', 'unknown_resource')
) as f (name, expected)
cross join (
    values
    ('skill://skill-two/SKILL.md'),
    ('skill://skill-three/SKILL.md'),
    ('skill://no/SKILL.md'),
    ('skill://skill-one'),
    ('')
) as u (uri);
select is(
    pg_temp.error(format('select mcp.get_skill(%L, null)', tests.credential('member_a'))),
    'unknown_skill',
    'no address is none'
);
select is(
    mcp.get_skill(tests.credential('admin'), 'skill://skill-two/SKILL.md') #>> '{skill,uri}',
    'skill://skill-two/SKILL.md',
    'the one that a member does not get exists'
);
select is(
    (
        select array_agg(e ->> 'name' order by e ->> 'name')
        from
            jsonb_array_elements(
                mcp.list_resources(tests.credential('member_a')) -> 'resources'
            ) as e
        where e ->> 'mimeType' = 'text/markdown'
    ),
    array['skill-one'],
    'the resources of a member have its text, and no other'
);
select is(
    tests.error_of($$select mcp.list_skills('x')$$) ->> 'code', '28000', 'nobody gets nothing'
);
select is(
    tests.error_of(format('select mcp.list_skills(%L, %L)', tests.credential('admin'), 'x'))
    ->> 'constraint',
    'cursor',
    'a cursor that is none'
);

-- the entry, the file and its digest
select is(
    mcp.get_skill(tests.credential('member_a'), 'skill://skill-one/SKILL.md'),
    (
        select
            jsonb_build_object('skill', jsonb_build_object(
                'uri', 'skill://skill-one/SKILL.md',
                'frontmatter', jsonb_build_object(
                    'name', 'skill-one',
                    'description', E'Do one thing: with "quotes", a \\ and Zoë.\n\nUse it at noon.'
                ),
                'resources', jsonb_build_array(jsonb_build_object(
                    'uri', 'skill://skill-one/SKILL.md',
                    'digest', 'sha256:' || encode(sha256(convert_to(f.text, 'UTF8')), 'hex'),
                    'size', length(convert_to(f.text, 'UTF8'))
                ))
            ))
        from (
            select
                mcp.read_resource(tests.credential('member_a'), 'skill://skill-one/SKILL.md')
                #>> '{contents,0,text}' as text
        ) as f
    ),
    'digest and size are those of the bytes that a client reads'
);
select is(
    mcp.read_resource(tests.credential('member_a'), 'skill://skill-one/SKILL.md') -> 'contents',
    jsonb_build_array(jsonb_build_object(
        'uri', 'skill://skill-one/SKILL.md',
        'mimeType', 'text/markdown',
        'text',
        E'---\nname: skill-one\n'
        'description: "Do one thing: with \\"quotes\\", a \\\\ and Zoë.\\n\\n'
        'Use it at noon."\n---\n\n# One\n\nCall skill_tool. Then "stop": Zoë 🛒.\n'
    )),
    'its text follows its front matter'
);
select is(
    (select s.title from mcp_catalog.skills as s where s.name = 'skill-one'),
    'One thing',
    'its title'
);
select
    is(
        mcp.handle(tests.credential('member_a'), m.method, m.params, m.context::jsonb)::jsonb,
        m.expected,
        format('%s, %s', m.method, m.context)
    )
from (
    values
    (
        'skills/list', '{}', '{"revision": "2025-11-25"}',
        mcp.list_skills(tests.credential('member_a'))
    ),
    (
        'skills/list', '{}', '{"revision": "2026-07-28"}',
        mcp.list_skills(tests.credential('member_a'))
        || '{"ttlMs": 60000, "cacheScope": "private"}'
    ),
    (
        'skills/get', '{"uri": "skill://skill-one/SKILL.md"}', '{"revision": "2026-07-28"}',
        mcp.get_skill(tests.credential('member_a'), 'skill://skill-one/SKILL.md')
        || '{"ttlMs": 60000, "cacheScope": "private"}'
    )
) as m (method, params, context, expected);

-- a tool that is gone takes its skill along, before the catalogue knows
drop function demo_api.skill_tool();
select is(
    pg_temp.names(mcp.list_skills(tests.credential('admin')), 'skills'),
    array['skill-three', 'skill-two'],
    'who may not execute what is gone has no skill that names it'
);

-- what is refused
select
    pg_temp.offer(
        'bad_stable', 'x', E'A skill.\n@skill', 'returns text language sql stable'
    ),
    pg_temp.offer(
        'bad_rows', 'x', E'A skill.\n@skill', 'returns setof text language sql immutable'
    ),
    pg_temp.offer('bad__name', 'x', E'A skill.\n@skill'),
    pg_temp.offer('bad_long', 'x', E'A skill.\n\n' || repeat('x', 1020) || E'\n@skill'),
    pg_temp.offer('bad_empty', E' \n', E'A skill.\n@skill'),
    pg_temp.offer('bad_hidden', E'a\u200Bb', E'A skill.\n@skill'),
    pg_temp.offer('bad_option', 'x', E'A skill.\n@skill tools=a'),
    pg_temp.offer('bad_address', 'x', E'A file.\n@resource uri="skill://a/b"');
select mcp_catalog.refresh_catalog();
select
    is(
        (
            select r.reason
            from mcp_catalog.catalog_refusal as r
            where r.function = format('demo_api.%s()', e.name)
        ),
        e.reason,
        e.name
    )
from (
    values
    (
        'bad_stable',
        'a skill is immutable, so that its digest holds: write a prompt for a text that depends on '
        'data'
    ),
    ('bad_rows', 'a skill takes no argument and returns text'),
    ('bad__name', 'the name of a skill is lower case words with one "_" between: rename it'),
    (
        'bad_long',
        'the description of a skill has at most 1024 characters: shorten the comment'
    ),
    (
        'bad_empty',
        'it cannot be described: its text is empty: return the instructions'
    ),
    (
        'bad_hidden',
        'it cannot be described: its text has a control, bidi or invisible character, U+200B at '
        'line 1, column 2: remove it'
    ),
    ('bad_option', '@skill tools is no option: use title'),
    (
        'bad_address',
        'skill:// is where the skills are: choose another address, or tag it @skill'
    )
) as e (name, reason);

select finish();
rollback;
