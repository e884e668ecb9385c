create or replace function mcp_catalog.refusals(function oid)
returns setof text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function pg_proc;
    v_comment jsonb := mcp_catalog.parse_comment(obj_description(function, 'pg_proc'));
    v_owner name;
    v_inputs text[];
    v_reason text;
begin
    select p.* into strict v_function from pg_proc as p where p.oid = refusals.function;
    select r.rolname into v_owner from pg_roles as r where r.oid = v_function.proowner;
    select coalesce(array_agg(u.name order by u.position), '{}')
    into v_inputs
    from unnest(v_function.proargnames, v_function.proargmodes) with ordinality as u (name, mode, position)
    where coalesce(u.mode, 'i') in ('i', 'b', 'v');

    if v_function.prokind <> 'f' then
        return next 'is no plain function: write one';
        return;
    end if;
    -- before anything evaluates a type of it
    for v_reason in select b.reason from mcp_catalog.borrowed_rights(function) as b (reason) loop
        return next v_reason;
    end loop;
    if v_reason is not null then
        return;
    end if;
    for v_reason in select h.reason from mcp_catalog.hidden_types(function) as h (reason) loop
        return next v_reason;
    end loop;
    if v_reason is not null then
        return;
    end if;
    if v_function.proname !~ '^[A-Za-z0-9_.-]{1,128}$' then
        return next 'the name has characters that MCP does not allow: use letters, digits, "_", "-" and "."';
    end if;
    if (
        select count(*)
        from pg_proc as p
        join mcp_catalog.exposed_schemas as s on p.pronamespace = to_regnamespace(quote_ident(s.schema))
        where p.proname = v_function.proname
            -- a function of somebody else takes no good tool away: it is refused itself
            and (p.oid = v_function.oid or p.proowner in ('mcp_tools'::regrole, 'mcp_sandbox'::regrole))
    ) > 1 then
        return next 'the name is overloaded: give each function its own name';
    end if;
    if cardinality(v_inputs) < v_function.pronargs or '' = any (v_inputs) then
        return next 'an argument has no name: name it';
    end if;
    if v_function.provariadic <> 0 then
        return next 'the last argument is variadic: take an array';
    end if;
    if exists (
        select
        from unnest(
            coalesce(v_function.proallargtypes, v_function.proargtypes::oid[])
        ) as a (type)
        join pg_type as t on t.oid = a.type
        where t.typtype = 'p'
    ) then
        return next 'an argument or column has a polymorphic or pseudo type: state a type';
    end if;
    if exists (
        select
        from pg_type as t
        where t.oid = v_function.prorettype
            and t.typtype = 'p'
            and t.typname <> 'void'
            and not (t.typname = 'record' and v_function.proallargtypes is not null)
    ) then
        return next 'the result is a bare record, polymorphic or a pseudo type: use returns table or a composite type';
    end if;
    if obj_description(function, 'pg_proc') is null then
        return next 'it has no comment: say what it does, for whom and in which units';
    elsif v_comment ->> 'summary' = '' or length(v_comment ->> 'summary') > 100 then
        return next 'the first line of the comment must be a summary of 1 to 100 characters';
    end if;
    v_reason := mcp_catalog.first_hidden(obj_description(function, 'pg_proc'));
    if v_reason is not null then
        return next format(
            'the comment has a control, bidi or invisible character, %s, which hides instructions: remove it', v_reason
        );
    end if;
    return query
    select format('argument %s: hosts take names of 1 to 64 letters, digits and "_" alone: rename it', to_json(i)::text)
    from unnest(v_inputs) as i
    where i !~ '^[A-Za-z0-9_]{1,64}$' and not mcp_catalog.has_hidden_characters(i) and i <> '';
    if v_comment ->> 'schema' is not null then
        return query
        select r.reason
        from mcp_catalog.schema_refusals(function, v_comment ->> 'schema') as r (reason);
    end if;
    return query
    select format('the name of argument or column %s has control, bidi or invisible characters: rename it', to_json(n)::text)
    from unnest(v_function.proargnames) as n
    where mcp_catalog.has_hidden_characters(n);
    return query
    select format('@param %s names no argument: correct the name or remove the line', k)
    from jsonb_object_keys(v_comment -> 'params') as k
    where k <> all (v_inputs);
    return query
    select format('argument %s has no @param line: add one', i)
    from unnest(v_inputs) as i
    where not v_comment -> 'params' ? i;
    return query
    select format('@%s is no tag: use @param, @returns, @error, @schema, @ui, @example and @tool, @resource, @prompt, @skill or @completes', u)
    from jsonb_array_elements_text(v_comment -> 'unknown') as u;
    return query
    select format('in the line @%s a quotation mark is not closed: close it', l.part[1])
    from regexp_matches(
        obj_description(function, 'pg_proc'), '(?:^|\n)@(tool|resource|prompt|skill)\M([^\n]*(?:\n[^@][^\n]*)*)', 'g'
    ) as l (part)
    where length(regexp_replace(l.part[2], '[^"]', '', 'g')) % 2 = 1;
    return query
    select format('@tool %s is no option: use title, timeout, cache, output, page_key, group, sandbox, destructive, idempotent, task, task_timeout, ask, pair, export, icon', k)
    from jsonb_object_keys(v_comment -> 'tags') as k
    where k <> all (
        array[
            'title', 'timeout', 'cache', 'output', 'page_key', 'group', 'sandbox', 'destructive', 'idempotent', 'task',
            'task_timeout', 'ask', 'pair', 'export', 'icon'
        ]
    );
    return query
    select format('@tool %s must be a time like 500ms, 5s or 10m, at most %s', t.key, t.most)
    from (
        select
            e.key,
            mcp_catalog.milliseconds(e.value) as duration_ms,
            case e.key when 'task_timeout' then '360m' else '60s' end as most
        from jsonb_each_text(v_comment -> 'tags') as e
        where e.key in ('timeout', 'cache', 'task_timeout')
    ) as t
    where t.duration_ms is null
        or t.key <> 'cache' and t.duration_ms not between 1 and mcp_catalog.milliseconds(t.most);
    return query
    select r.reason
    from mcp_catalog.task_refusals(function) as r (reason);
    return query
    select r.reason
    from mcp_catalog.export_refusals(function) as r (reason);
    if v_comment -> 'tags' ->> 'output' not in ('brief', 'types', 'full') then
        return next '@tool output must be brief, types or full, or be left out';
    end if;
    if v_comment -> 'tags' ->> 'group' !~ '^[a-z0-9_-]{1,40}(,[a-z0-9_-]{1,40})*$' then
        return next '@tool group must be names of 1 to 40 lower case letters, digits, "_" and "-", with commas between';
    elsif 'all' = any(string_to_array(v_comment -> 'tags' ->> 'group', ',')) then
        return next '@tool group cannot be all: that address serves the tools of every group';
    end if;
    if v_comment -> 'tags' ->> 'icon' !~ '^(https://|data:image/(png|jpeg|webp|svg\+xml)[;,])[!-~]+$'
        or length(v_comment -> 'tags' ->> 'icon') > 4000
    then
        return next '@tool icon must be an https: or data:image/ address of at most 4000 characters';
    end if;
    return query
    select r.reason
    from mcp_catalog.page_refusals(function) as r (reason);
    return query
    select r.reason
    from mcp_catalog.picture_refusals(function) as r (reason);
    return query
    select r.reason
    from mcp_catalog.example_refusals(function) as r (reason);
    return query
    select r.reason
    from mcp_catalog.surface_refusals(function) as r (reason);
    if v_owner is distinct from (
        case when v_comment -> 'tags' ? 'sandbox' then 'mcp_sandbox' else 'mcp_tools' end
    ) then
        return next format(
            'it is owned by %s: alter function ... owner to mcp_tools (or tag it @tool sandbox and give it to mcp_sandbox)',
            v_owner
        );
    end if;
    if not v_function.prosecdef then
        return next 'it is security invoker: make it security definer, so that it runs as its powerless owner';
    end if;
    if not exists (select from unnest(v_function.proconfig) as c where c like 'search\_path=%') then
        return next 'it has no search_path: add "set search_path = pg_catalog, pg_temp"';
    end if;
    if exists (
        select
        from aclexplode(coalesce(v_function.proacl, acldefault('f', v_function.proowner))) as a
        where a.grantee = 0
    ) then
        return next 'PUBLIC may execute it: revoke all on function ... from public';
    end if;
    if not has_function_privilege('mcp_core', v_function.oid, 'execute') then
        return next 'mcp_core may not execute it: grant execute on function ... to mcp_core';
    end if;
end
$$;

comment on function mcp_catalog.refusals(oid) is $comment$
List why a function cannot be the tool, resource, prompt, skill or completion that its comment says.

@param function  The function.
@returns One sentence a reason, each with what to change; no row when it is a good one.
$comment$;

alter function mcp_catalog.refusals(oid) owner to mcp_core;
revoke all on function mcp_catalog.refusals(oid) from public;
