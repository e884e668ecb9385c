create or replace function mcp_catalog.surface(audience name)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        jsonb_build_object(
            'tools', coalesce((
                select
                    jsonb_object_agg(
                        t.name,
                        jsonb_strip_nulls(jsonb_build_object(
                            'reads', t.is_read_only,
                            'destroys', nullif(t.annotations -> 'destructiveHint', 'false'),
                            'repeatable', nullif(t.annotations -> 'idempotentHint', 'false'),
                            'arguments',
                            mcp_catalog.brief_schema(t.input_schema, '{description}'),
                            'result', mcp_catalog.brief_schema(t.output_schema, '{description}')
                        ))
                    )
                from mcp_catalog.tools as t
                where has_function_privilege(
                    surface.audience, to_regprocedure(t.function), 'execute'
                )
            ), '{}'),
            'resources', coalesce((
                select
                    jsonb_object_agg(
                        r.uri, jsonb_build_object('mime_type', r.mime_type)
                    )
                from mcp_catalog.resources as r
                where has_function_privilege(
                    surface.audience, to_regprocedure(r.function), 'execute'
                )
            ), '{}'),
            'prompts', coalesce((
                select
                    jsonb_object_agg(
                        p.name,
                        jsonb_build_object(
                            'arguments', mcp_catalog.brief_schema(p.input_schema, '{description}')
                        )
                    )
                from mcp_catalog.prompts as p
                where has_function_privilege(
                    surface.audience, to_regprocedure(p.function), 'execute'
                )
            ), '{}'),
            'skills', coalesce((
                select jsonb_object_agg(k.uri, '{}'::jsonb)
                from mcp_catalog.offered_skills(surface.audience) as k
            ), '{}')
        );
end;

comment on function mcp_catalog.surface(name) is $comment$
Return what clients of an audience may rely on: its tools, resources, prompts and skills, with their arguments and
results.

@param audience  The audience.
@returns {"tools": {name: {"reads": boolean, "destroys", "repeatable": true where it is so, "arguments": schema, "result":
schema}}, "resources": {address: {"mime_type"}}, "prompts": {name: {"arguments": schema}}, "skills": {address: {}}}; schemas have no descriptions.
$comment$;

alter function mcp_catalog.surface(name) owner to mcp_core;
revoke all on function mcp_catalog.surface(name) from public;
