-- Mirrors 0001 backwards. Roles are cluster-wide and stay; so do extensions of somebody else.
drop function migrate.hand_over(boolean);
drop schema api;
drop schema tool;
drop schema mcp;
drop schema auth;
do $$
begin
    -- a login that may not give it did not take it either: a DBA did
    if (
        select pg_catalog.pg_has_role(n.nspowner, 'usage')
        from pg_catalog.pg_namespace as n
        where n.nspname = 'public'
    ) then
        grant usage on schema public to public;
    end if;
end
$$;
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
do $$
declare
    v_setting name;
begin
    foreach v_setting in array array[
        'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'
    ] loop
        execute format('alter role zava_mcp in database %I reset %I', current_database(), v_setting);
    end loop;
exception
    when insufficient_privilege then
        -- a login that may not reset them did not set them either: a DBA did
        null;
end
$$;
