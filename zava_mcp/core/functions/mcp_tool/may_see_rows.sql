create or replace function mcp_tool.may_see_rows(relation oid)
returns boolean
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_policy text;
    v_call text;
    v_value jsonb;
    v_is_open boolean;
begin
    if not (select c.relrowsecurity from pg_class as c where c.oid = may_see_rows.relation) then
        return true;
    end if;
    for v_policy in
        select pg_get_expr(p.polqual, p.polrelid)
        from pg_policy as p
        where
            p.polrelid = may_see_rows.relation
            and p.polpermissive
            and p.polcmd in ('r', '*')
            and p.polroles && array[0::oid, 'mcp_sandbox'::regrole::oid]
    loop
        v_is_open := true;
        -- what a policy asks once and not of each row: (select schema.function(...))
        for v_call in
            select m[1]
            from regexp_matches(v_policy, '\( SELECT ([a-z_]+\.[a-z_]+\([^()]*\)) AS ', 'g') as m
        loop
            execute 'select to_jsonb(' || v_call || ')' into v_value;
            v_is_open := v_is_open and coalesce(v_value, 'null') not in ('null', 'false', '[]');
        end loop;
        -- what is one side of an OR closes nothing
        if v_is_open or v_policy like '% OR %' then
            return true;
        end if;
    end loop;
    return false;
end
$$;

comment on function mcp_tool.may_see_rows(oid) is $comment$
Return whether row-level security lets the caller see any row of a table that mcp_sandbox may read: some policy asks
nothing of the caller that is null, false or an empty array, or leaves a choice by OR. Whether there are rows is not
checked.

@param relation  The table or view.
@returns False where no policy can admit a row.
$comment$;

alter function mcp_tool.may_see_rows(oid) owner to mcp_core;
revoke all on function mcp_tool.may_see_rows(oid) from public;
grant execute on function mcp_tool.may_see_rows(oid) to mcp_tools;
