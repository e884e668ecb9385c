-- Every policy for reading says using (true).
do $$
declare
    v_policy record;
begin
    for v_policy in
        select p.polname, p.polrelid::regclass as relation
        from pg_policy as p
        where p.polcmd = 'r' and 'mcp_sandbox'::regrole = any(p.polroles)
    loop
        execute format('alter policy %I on %s using (true)', v_policy.polname, v_policy.relation);
    end loop;
end
$$;
