create or replace function mcp_catalog.task_refusals(function oid)
returns setof text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tags jsonb := mcp_catalog.parse_comment(obj_description(function, 'pg_proc')) -> 'tags';
begin
    if v_tags ->> 'task' not in ('allowed', 'required', 'export') then
        return next '@tool task must be allowed, required or export, or be left out';
    end if;
    if v_tags ->> 'task' = 'export' and not v_tags ? 'export' then
        return next '@tool task=export is of tools whose result is exported: add export=csv,jsonl';
    end if;
    if v_tags ?| array['task_timeout', 'ask'] and not v_tags ? 'task' then
        return next '@tool task_timeout and ask are of tasks: add task=allowed or task=required';
    end if;
    if v_tags ?& array['task', 'ask'] then
        if v_tags ->> 'ask' <> 'first' then
            return next '@tool ask must be first, or be left out: what is asked then is asked by the task';
        end if;
        if (
            select p.prorettype <> 'mcp_tool.result'::regtype from pg_proc as p where p.oid = task_refusals.function
        ) then
            return next '@tool ask=first is of a tool that can ask: return mcp_tool.result, or leave it out';
        end if;
    end if;
    if v_tags ? 'pair' then
        if coalesce(v_tags ->> 'task' not in ('allowed', 'required'), true) or v_tags ? 'ask' then
            return next '@tool pair is of tasks that ask nothing first: add task=allowed or task=required, without ask';
        end if;
        return query
        select format('@tool pair offers %s, as another function is called: rename that, or leave pair out', o.proname)
        from mcp_catalog.exposed_functions() as e (oid)
        inner join pg_proc as o on e.oid = o.oid
        where o.proname in ('get_task', 'cancel_task', (
            select p.proname || '_start' from pg_proc as p where p.oid = task_refusals.function
        ));
    end if;
    if v_tags ->> 'task' = 'required' and v_tags ? 'cache' then
        return next '@tool cache is of calls, and it is always a task: leave it out, or allow calls by task=allowed';
    end if;
    if v_tags ->> 'task' = 'required' and v_tags ? 'timeout' then
        return next '@tool timeout is of calls, and it is always a task: say task_timeout';
    end if;
end
$$;

comment on function mcp_catalog.task_refusals(oid) is $comment$
Why a function cannot be a task as its comment says.

@param function  The function.
@returns One sentence a reason, each with what to change.
$comment$;

alter function mcp_catalog.task_refusals(oid) owner to mcp_core;
revoke all on function mcp_catalog.task_refusals(oid) from public;
