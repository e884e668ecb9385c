create or replace function mcp_catalog.tool_reference()
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tool mcp_catalog.tools;
    v_comment jsonb;
    v_others text;
    v_text text := E'# Tools\n\nGenerated from the comments of the functions by `zava-mcp docs`.\n';
begin
    for v_tool in select t.* from mcp_catalog.tools as t order by t.name collate "C" loop
        v_comment := mcp_catalog.parse_comment(obj_description(to_regprocedure(v_tool.function), 'pg_proc'));
        v_text := v_text || format(
            E'\n## %s\n\n%s\n\n%s; at most %s s%s; for %s.\n',
            v_tool.name,
            v_comment ->> 'prose',
            case when v_tool.is_read_only then 'Reads only' else 'Writes' end,
            round(v_tool.timeout_ms / 1000.0, 1)::real,
            coalesce('; `export` ' || array_to_string(v_tool.exports, ' or '), ''),
            coalesce((
                select string_agg(a.audience, ', ' order by a.audience)
                from mcp_auth.audiences as a
                where has_function_privilege(a.audience, to_regprocedure(v_tool.function), 'execute')
            ), 'nobody')
        );
        v_text := v_text || coalesce((
            select E'\n| argument | must be | default | meaning |\n| --- | --- | --- | --- |\n' || string_agg(
                format(
                    E'| `%s` | %s | %s | %s |\n',
                    p.client_name,
                    p.requirement,
                    case
                        when p.is_required then 'required'
                        when p.schema ? 'default' then format('`%s`', p.schema ->> 'default')
                        else 'none'
                    end,
                    regexp_replace(v_comment -> 'params' ->> p.name, '^\((.*)\)$', '\1')
                ), '' order by p.ordinality
            )
            from unnest(v_tool.parameters) with ordinality as p
            -- x stands for x_embedding too
            where p.dimensions is null
                or p.client_name not in (select q.name from unnest(v_tool.parameters) as q)
        ), '');
        v_text := v_text || coalesce(E'\nReturns: ' || (v_comment ->> 'returns') || E'\n', '');
        v_text := v_text || coalesce((
            select E'\n' || string_agg(format(E'- `%s`: %s\n', e ->> 'code', e ->> 'text'), '')
            from jsonb_array_elements(v_comment -> 'errors') as e
        ), '');
        v_text := v_text || coalesce((
            select E'\nExamples:\n\n' || string_agg(format(E'- %s\n', regexp_replace(
                l.line, ' -> (.*)$', ' `\1`'
            )), '' order by l.position)
            from jsonb_array_elements_text(v_comment -> 'examples') with ordinality as l (line, position)
        ), '');
    end loop;
    select string_agg(
        format(
            E'\n## %s\n\n%s\n\n%s; for %s.\n%s%s',
            o.heading,
            o.description,
            o.kind,
            coalesce((
                select string_agg(a.audience, ', ' order by a.audience)
                from mcp_auth.audiences as a
                where has_function_privilege(a.audience, to_regprocedure(o.function), 'execute')
                    -- a skill that names what an audience may not call is not offered to it
                    and (o.kind <> 'Skill' or exists (
                        select from mcp_catalog.offered_skills(a.audience) as s where o.heading = 'Skill ' || s.name
                    ))
            ), 'nobody'),
            (
                select E'\n' || string_agg(
                    format(
                        E'- `%s`%s: %s\n', p.client_name,
                        case when p.is_required then '' else ' (optional)' end, p.schema ->> 'description'
                    ), '' order by p.ordinality
                )
                from unnest(o.parameters) with ordinality as p
            ),
            E'\nReturns: ' || (
                mcp_catalog.parse_comment(obj_description(to_regprocedure(o.function), 'pg_proc')) ->> 'returns'
            ) || E'\n'
        ), '' order by o.kind desc, o.heading collate "C"
    )
    into v_others
    from (
        select
            'Resource, ' || r.mime_type as kind,
            r.uri as heading,
            r.description,
            r.function,
            r.parameters
        from mcp_catalog.resources as r
        union all
        select
            'Prompt',
            'Prompt ' || p.name,
            p.description,
            p.function,
            p.parameters
        from mcp_catalog.prompts as p
        union all
        select
            'Skill',
            'Skill ' || s.name,
            s.description,
            s.function,
            '{}'
        from mcp_catalog.skills as s
    ) as o;
    return v_text || coalesce(v_others, '');
end
$$;

comment on function mcp_catalog.tool_reference() is $comment$
Return the reference of tools, resources, prompts and skills, made from the catalogue and the comments of the functions.

@returns Markdown.
$comment$;

alter function mcp_catalog.tool_reference() owner to mcp_core;
revoke all on function mcp_catalog.tool_reference() from public;
