-- Mirrors 0001 backwards. Roles are cluster-wide and stay; so do extensions of somebody else.
drop function migrate.hand_over(boolean);
drop schema api;
drop schema tool;
drop schema mcp;
drop schema auth;
grant usage on schema public to public;
alter default privileges grant execute on functions to public;
do $$
declare
    v_extension name;
begin
    for v_extension in
        select e.extname
        from pg_catalog.pg_extension as e
        where e.extnamespace = 'ext'::regnamespace and pg_catalog.pg_has_role(e.extowner, 'usage')
    loop
        execute format('drop extension %I', v_extension);
    end loop;
    if not exists (
        select from pg_catalog.pg_extension as e where e.extnamespace = 'ext'::regnamespace
    ) then
        drop schema ext;
    end if;
end
$$;
