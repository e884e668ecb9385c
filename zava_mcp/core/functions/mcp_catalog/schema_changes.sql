create or replace function mcp_catalog.schema_changes(
    before jsonb, after jsonb, is_result boolean, place text default ''
)
returns table (change text, is_breaking boolean)
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_what text := case when is_result then 'field' else 'argument' end;
    -- what must admit no more than the other: a result than before, arguments before than now
    v_inner jsonb := case when is_result then after else before end;
    v_outer jsonb := case when is_result then before else after end;
    v_key text;
    v_place text;
begin
    if before is not distinct from after then
        return;
    end if;
    if v_outer ? 'type' then
        return query
        select format('%s %s %s %s', v_what, place, case when is_result then 'may now be' else 'may no longer be' end, t.type), true
        from jsonb_path_query(coalesce(v_inner -> 'type', '"anything"'), '$[*]') as o (type_json)
        cross join lateral (select o.type_json #>> '{}' as type) as t
        where not v_outer -> 'type' @> o.type_json
            and not (t.type = 'integer' and v_outer -> 'type' @> '"number"');
    end if;
    if not is_result then
        if after ? 'enum' then
            return query
            select format('argument %s no longer takes %s', place, coalesce(e.value::text, 'any value but those listed')), true
            from jsonb_path_query(coalesce(before -> 'enum', '[null]'), '$[*]') as e (value)
            where not before ? 'enum' or not after -> 'enum' @> e.value;
        end if;
        return query
        select format('argument %s: %s is %s, after %s', place, k.key, after ->> k.key, coalesce(before ->> k.key, 'none')), true
        from unnest(array['minimum', 'minLength', 'minItems', 'maximum', 'maxLength', 'maxItems', 'pattern', 'format', 'not']) as k (key)
        where after ? k.key and before -> k.key is distinct from after -> k.key
            and case
                when not before ? k.key then true
                when k.key like 'min%' then (after ->> k.key)::numeric > (before ->> k.key)::numeric
                when k.key like 'max%' then (after ->> k.key)::numeric < (before ->> k.key)::numeric
                else true
            end;
        if before -> 'default' is distinct from after -> 'default' then
            change := format('argument %s: its default is %s, after %s', place, coalesce(after ->> 'default', 'none'), coalesce(before ->> 'default', 'none'));
            is_breaking := false;
            return next;
        end if;
    end if;
    for v_key in
        select k.key
        from jsonb_object_keys(coalesce(before -> 'properties', '{}') || coalesce(after -> 'properties', '{}')) as k (key)
    loop
        v_place := ltrim(place || '.' || v_key, '.');
        if not coalesce(after -> 'properties', '{}') ? v_key then
            change := format('%s %s is gone', v_what, v_place);
            is_breaking := true;
            return next;
        elsif not coalesce(before -> 'properties', '{}') ? v_key then
            is_breaking := not is_result and coalesce(after -> 'required' ? v_key, false);
            change := format('%s %s is new%s', v_what, v_place, case when is_breaking then ' and required' end);
            return next;
        else
            if coalesce(v_outer -> 'required' ? v_key, false) and not coalesce(v_inner -> 'required' ? v_key, false) then
                change := format(case when is_result then 'field %s may now be missing' else 'argument %s is now required' end, v_place);
                is_breaking := true;
                return next;
            end if;
            return query
            select c.*
            from mcp_catalog.schema_changes(
                before -> 'properties' -> v_key, after -> 'properties' -> v_key, is_result, v_place
            ) as c;
        end if;
    end loop;
    return query
    select c.*
    from mcp_catalog.schema_changes(before -> 'items', after -> 'items', is_result, place || '[]') as c;
end
$$;

comment on function mcp_catalog.schema_changes(jsonb, jsonb, boolean, text) is $comment$
Return what is different between two schemas of arguments, or of results, as mcp_catalog.surface gives them, for a
client that knows the first. Arguments may admit more than before, results less.

@param before     The schema that clients know.
@param after      The schema now.
@param is_result  Whether it is a result.
@param place      Where in the schema; callers leave it out.
@returns One row a change; is_breaking where a client may fail.
$comment$;

alter function mcp_catalog.schema_changes(jsonb, jsonb, boolean, text) owner to mcp_core;
revoke all on function mcp_catalog.schema_changes(jsonb, jsonb, boolean, text) from public;
