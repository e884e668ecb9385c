create or replace view mcp_migrate.check_roles (object, problem, number)
with (security_invoker = true) as
with core as (
    select r.*
    from pg_catalog.pg_roles as r
    where
        r.rolname in ('mcp_core', 'mcp_tools', 'mcp_sandbox', 'mcp_server')
        or r.rolname in (select a.audience from mcp_auth.audiences as a)
)

select
    r.rolname::text as object,
    p.problem,
    'ZM141' as number
from core as r
cross join
    lateral (
        values
        (r.rolsuper, 'it is a superuser: alter role ... nosuperuser'),
        (r.rolbypassrls, 'it bypasses row-level security: alter role ... nobypassrls'),
        (r.rolcreaterole, 'it may create roles: alter role ... nocreaterole'),
        (r.rolcreatedb, 'it may create databases: alter role ... nocreatedb'),
        (r.rolreplication, 'it may replicate: alter role ... noreplication'),
        (
            -- nodes of a cluster log in with each other as it
            r.rolcanlogin
            and not exists (
                select from pg_catalog.pg_extension as e where e.extname = 'citus'
            ),
            'it may log in: alter role ... nologin'
        ),
        (
            exists (select from pg_catalog.pg_auth_members as m where m.member = r.oid),
            'it is a member of another role: revoke ... from it'
        )
    ) as p (is_wrong, problem)
where p.is_wrong
union all
select
    a.audience::text as object,
    'the audience is no role of this cluster: create role ... nologin' as problem,
    'ZM142' as number
from mcp_auth.audiences as a
where not exists (select from pg_catalog.pg_roles as r where r.rolname = a.audience);

comment on view mcp_migrate.check_roles is 'Roles of the project with more powers than they need.';
comment on column mcp_migrate.check_roles.object is 'What it is about.';
comment on column mcp_migrate.check_roles.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_roles.number is 'Number in mcp_migrate.checks.';
