create or replace function mcp_catalog.example_refusals(function oid)
returns setof text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_comment jsonb := mcp_catalog.parse_comment(obj_description(function, 'pg_proc'));
    v_name text := (select p.proname from pg_proc as p where p.oid = example_refusals.function);
    v_parameters mcp_catalog.parameter[];
begin
    if v_comment -> 'examples' = '[]' then
        return;
    end if;
    if v_comment -> 'kinds' ?| array['resource', 'prompt', 'skill', 'completes'] then
        return next '@example is for tools';
        return;
    end if;
    v_parameters := mcp_catalog.tool_parameters(function);
    return query
    select coalesce(
        case
            when e.example is null
                then format(
                    '@example %s cannot be read: write "a question" -> %s(argument=value, argument="two words")',
                    e.line, v_name
                )
            when length(e.example ->> 'question') > 200
                then format('the question of @example %s has more than 200 characters', e.line)
            when e.example ->> 'tool' <> v_name
                then format('@example %s calls %s: write it at that function', e.line, e.example ->> 'tool')
        end,
        format('@example %s: %s is no argument', e.line, a.name)
    )
    from (
        select
            l.line,
            mcp_catalog.parse_example(l.line) as example
        from jsonb_array_elements_text(v_comment -> 'examples') as l (line)
    ) as e
    left join lateral (
        select k.name
        from jsonb_object_keys(e.example -> 'arguments') as k (name)
        where k.name not in (select p.client_name from unnest(v_parameters) as p)
    ) as a on true
    where a.name is not null
        or e.example is null
        or e.example ->> 'tool' <> v_name
        or length(e.example ->> 'question') > 200;
end
$$;

comment on function mcp_catalog.example_refusals(oid) is $comment$
List faults of a function's @example lines: they cannot be parsed, or name unknown arguments.

@param function  The function.
@returns One sentence a reason, each with what to change; no row for a function without @example.
$comment$;

alter function mcp_catalog.example_refusals(oid) owner to mcp_core;
revoke all on function mcp_catalog.example_refusals(oid) from public;
