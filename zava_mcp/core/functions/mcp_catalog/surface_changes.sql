create or replace function mcp_catalog.surface_changes(before jsonb, after jsonb)
returns table (name text, change text, is_breaking boolean)
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with entry as (
        select
            k.kind,
            n.name,
            surface_changes.before -> (k.kind || 's') -> n.name as old,
            surface_changes.after -> (k.kind || 's') -> n.name as new
        from unnest(array['tool', 'resource', 'prompt', 'skill']) as k (kind)
        cross join lateral (
            select jsonb_object_keys(coalesce(surface_changes.before -> (k.kind || 's'), '{}'))
            union
            select jsonb_object_keys(coalesce(surface_changes.after -> (k.kind || 's'), '{}'))
        ) as n (name)
    )

    select
        e.name,
        c.change,
        c.is_breaking
    from entry as e
    cross join
        lateral (
            select
                format('%s is gone', e.kind) as change,
                true as is_breaking
            where e.new is null
            union all
            select
                format('%s is new', e.kind),
                false
            where e.old is null
            union all
            select
                format('mime type is %s, after %s', e.new ->> 'mime_type', e.old ->> 'mime_type'),
                true
            where e.new ->> 'mime_type' <> e.old ->> 'mime_type'
            union all
            select
                h.change,
                h.is_breaking
            from (
                values
                ('reads', 'true', 'it writes now', true),
                ('reads', 'false', 'it only reads now', false),
                ('destroys', null, 'it destroys now', true),
                ('destroys', 'true', 'it no longer destroys', false),
                ('repeatable', 'true', 'a repeated call is no longer safe', true),
                ('repeatable', null, 'a repeated call is safe now', false)
            ) as h (hint, was, change, is_breaking)
            where
                e.old -> 'reads' is not null
                and e.new -> 'reads' is not null
                and e.old ->> h.hint is not distinct from h.was
                and e.new ->> h.hint is distinct from h.was
            union all
            select
                d.change,
                d.is_breaking
            from mcp_catalog.schema_changes(e.old -> 'arguments', e.new -> 'arguments', false) as d
            where e.old is not null and e.new is not null
            union all
            select
                'it has no result now',
                true
            where e.old ? 'result' and e.new is not null and not e.new ? 'result'
            union all
            select
                d.change,
                d.is_breaking
            from mcp_catalog.schema_changes(e.old -> 'result', e.new -> 'result', true) as d
            where e.old ? 'result' and e.new ? 'result'
        ) as c
    order by c.is_breaking desc, e.name, c.change;
end;

comment on function mcp_catalog.surface_changes(jsonb, jsonb) is $comment$
Return what is different between two surfaces of an audience, as mcp_catalog.surface gives them, for clients that know
the first.

@param before  What clients know.
@param after   What they are given now.
@returns One row a change, breaking ones first: name is that of the tool, resource, prompt or skill. Breaking are: one that is gone, an
argument that is gone, new and required, or takes less than before, a field of a result that is gone or may be something else, a
tool that writes now.
$comment$;

alter function mcp_catalog.surface_changes(jsonb, jsonb) owner to mcp_core;
revoke all on function mcp_catalog.surface_changes(jsonb, jsonb) from public;
