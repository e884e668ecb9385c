create or replace function mcp_catalog.surface_refusals(function oid)
returns setof text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function pg_proc;
    v_comment jsonb := mcp_catalog.parse_comment(obj_description(function, 'pg_proc'));
    v_kinds jsonb := v_comment -> 'kinds';
    v_uri text := v_kinds -> 'resource' ->> 'uri';
    v_inputs text[];
begin
    select p.* into strict v_function from pg_proc as p where p.oid = surface_refusals.function;
    select coalesce(array_agg(u.name order by u.position), '{}')
    into v_inputs
    from unnest(v_function.proargnames, v_function.proargmodes) with ordinality as u (name, mode, position)
    where coalesce(u.mode, 'i') in ('i', 'b');

    if (select count(*) from jsonb_object_keys(v_kinds)) > 1 then
        return next 'it is tagged @tool, @resource, @prompt, @skill or @completes more than one way: choose one';
    end if;
    return query
    select format('@%s %s is no option: use %s', k.kind, o.name, array_to_string(k.options, ', '))
    from (
        values ('resource', array['uri', 'mime', 'title']), ('prompt', array['title']), ('skill', array['title'])
    ) as k (kind, options)
    cross join jsonb_object_keys(v_kinds -> k.kind) as o (name)
    where o.name <> all (k.options);
    if v_kinds ?| array['resource', 'prompt', 'completes'] and v_function.provolatile = 'v' then
        return next 'a resource, a prompt or a completion only reads: make it stable or immutable';
    end if;
    if v_kinds ? 'resource' then
        if (replace(v_uri, '{}', '{') ~ '^[a-z][a-z0-9+.-]*://([^{}[:space:]]|\{[^{}]+\})+$') is not true then
            return next '@resource needs its address: add uri="scheme://path", each {variable} an argument';
        else
            return query
            select format('the variable {%s} of the uri stands twice or names no argument', v.name)
            from unnest(mcp_catalog.uri_variables(v_uri)) as v (name)
            group by v.name
            having count(*) > 1 or v.name <> all (v_inputs);
            return query
            select format('argument %s is no variable of the uri: add {%s}, or remove it', i, i)
            from unnest(v_inputs) as i
            where i <> all (mcp_catalog.uri_variables(v_uri));
            return query
            select format('its uri answers what %s of %s may answer too: change one', o.uri, o.function)
            from (
                select
                    p.oid::regprocedure as function,
                    mcp_catalog.parse_comment(obj_description(p.oid, 'pg_proc')) -> 'kinds' -> 'resource' ->> 'uri' as uri
                from mcp_catalog.exposed_functions() as p (oid)
                where p.oid <> surface_refusals.function and obj_description(p.oid, 'pg_proc') like '%@resource%'
            ) as o
            where mcp_catalog.uri_overlaps(v_uri, o.uri);
            if v_uri like 'ui://mcp/%' then
                return next 'ui://mcp/ is where the pictures of tools are: choose another address';
            elsif v_uri like 'skill://%' then
                return next 'skill:// is where the skills are: choose another address, or tag it @skill';
            end if;
        end if;
        if v_function.prorettype in ('void'::regtype, 'mcp_tool.result'::regtype) then
            return next 'a resource returns text, bytea, json or rows';
        end if;
    elsif v_kinds ? 'prompt' then
        if not v_function.proretset or v_function.prorettype <> 'mcp_tool.prompt_message'::regtype then
            return next 'a prompt returns setof mcp_tool.prompt_message';
        end if;
    elsif v_kinds ? 'skill' then
        if v_function.provolatile <> 'i' then
            return next 'a skill is immutable, so that its digest holds: write a prompt for a text that depends on data';
        end if;
        if v_function.pronargs > 0 or v_function.proretset or v_function.prorettype <> 'text'::regtype then
            return next 'a skill takes no argument and returns text';
        end if;
        if v_function.proname !~ '^[a-z0-9]+(_[a-z0-9]+)*$' then
            return next 'the name of a skill is lower case words with one "_" between: rename it';
        end if;
        if length(v_comment ->> 'prose') > 1024 then
            return next 'the description of a skill has at most 1024 characters: shorten the comment';
        end if;
    elsif v_kinds ? 'completes' then
        if not v_function.proretset or v_function.prorettype <> 'text'::regtype
            or exists (
                select
                from unnest(v_function.proargnames, v_function.proargtypes::oid[]) as a (name, type)
                where (a.name, a.type) not in (('value', 'text'::regtype), ('context', 'jsonb'::regtype))
            )
        then
            return next 'a completion returns setof text and takes nothing but value text and context jsonb';
        end if;
        return query
        select format('@completes %s names no argument of a prompt or resource', t.target)
        from jsonb_array_elements_text(v_comment -> 'completes') as t (target)
        where not exists (
            select
            from mcp_catalog.exposed_functions() as p (oid)
            join pg_proc as f on f.oid = p.oid
            cross join mcp_catalog.parse_comment(obj_description(p.oid, 'pg_proc')) as c
            where f.proname = split_part(t.target, '.', 1)
                and c -> 'kinds' ?| array['resource', 'prompt']
                and c -> 'params' ? split_part(t.target, '.', 2)
        );
        return query
        select format('@completes %s stands at %s too: remove one', t.target, p.oid::regprocedure)
        from jsonb_array_elements_text(v_comment -> 'completes') as t (target)
        cross join mcp_catalog.exposed_functions() as p (oid)
        where p.oid <> surface_refusals.function
            and obj_description(p.oid, 'pg_proc') like '%@completes%'
            and mcp_catalog.parse_comment(obj_description(p.oid, 'pg_proc')) -> 'completes' ? t.target;
    elsif v_function.proretset and v_function.prorettype = 'mcp_tool.result'::regtype then
        return next 'it returns a set of results: return one mcp_tool.result, combined by mcp_tool.results';
    end if;
    if v_comment ->> 'schema' is not null then
        if v_kinds ?| array['resource', 'prompt', 'skill', 'completes'] then
            return next '@schema is for tools';
        elsif not pg_input_is_valid(v_comment ->> 'schema', 'jsonb')
            or (v_comment ->> 'schema')::jsonb ->> 'type' is distinct from 'object'
        then
            return next '@schema must be a JSON object with "type": "object"';
        end if;
    end if;
end
$$;

comment on function mcp_catalog.surface_refusals(oid) is $comment$
Why a function cannot be the resource, prompt, skill or completion that its comment says, or its result no content.

@param function  The function.
@returns One sentence a reason, each with what to change.
$comment$;

alter function mcp_catalog.surface_refusals(oid) owner to mcp_core;
revoke all on function mcp_catalog.surface_refusals(oid) from public;
