create or replace view mcp_migrate.check_definer_functions (object, problem)
with (security_invoker = true) as
select
    p.oid::regprocedure::text as object,
    c.problem
from pg_catalog.pg_proc as p
inner join mcp_migrate.managed_schemas as s on p.pronamespace = s.oid
inner join pg_catalog.pg_roles as r on p.proowner = r.oid
cross join
    lateral (
        values
        (
            not exists (
                select
                from unnest(p.proconfig) as c (setting)
                where c.setting like 'search\_path=%'
            )
            -- check_catalog says so of what should be a tool
            and p.oid not in (select f.oid from mcp_catalog.exposed_functions() as f (oid)),
            'it has no search_path: add "set search_path = pg_catalog, pg_temp"'
        ),
        (
            r.rolsuper or r.rolbypassrls or r.rolcanlogin or r.rolcreaterole or r.rolcreatedb,
            format('its owner %s has powers: give it to a role that has none', r.rolname)
        )
    ) as c (is_wrong, problem)
where p.prosecdef and c.is_wrong;

comment on view mcp_migrate.check_definer_functions is
'SECURITY DEFINER functions whose names can be hijacked, or that run with powers.';
comment on column mcp_migrate.check_definer_functions.object is 'What it is about.';
comment on column mcp_migrate.check_definer_functions.problem is
'What is wrong, and what to change.';
