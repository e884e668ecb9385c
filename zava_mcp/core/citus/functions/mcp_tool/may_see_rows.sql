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
        -- what a policy asks of the caller and not of the row: schema.function() of constants
        for v_call in
            select m[1]
            from
                regexp_matches(
                    v_policy, '([a-z_]+\.[a-z_]+\((?:''[^'']*''::[a-z]+(?:, )?)*\))', 'g'
                ) as m
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
