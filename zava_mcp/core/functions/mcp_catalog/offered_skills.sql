create or replace function mcp_catalog.offered_skills(audience name)
returns table (
    uri text,
    name text,
    title text,
    description text,
    content text,
    entry jsonb
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        u.uri,
        s.name,
        s.title,
        s.description,
        s.content,
        jsonb_build_object(
            'uri', u.uri,
            'frontmatter', jsonb_build_object('name', s.name, 'description', s.description),
            'resources', jsonb_build_array(
                jsonb_build_object('uri', u.uri, 'digest', s.digest, 'size', s.size)
            )
        ) as entry
    from mcp_catalog.skills as s
    cross join lateral (select format('skill://%s/SKILL.md', s.name) as uri) as u
    where
        has_function_privilege(offered_skills.audience, to_regprocedure(s.function), 'execute')
        and not exists (
            select
            from unnest(s.named) as n (function)
            -- null for one that is gone
            where
                has_function_privilege(
                    offered_skills.audience, to_regprocedure(n.function), 'execute'
                ) is not true
        );
end;

comment on function mcp_catalog.offered_skills(name) is $comment$
Return the skills of an audience: those that it may execute, with everything that their text names.

@param audience  The audience.
@returns One row a skill: uri is the address of its SKILL.md, content the file, entry what skills/list gives of it.
$comment$;

alter function mcp_catalog.offered_skills(name) owner to mcp_core;
revoke all on function mcp_catalog.offered_skills(name) from public;
