create or replace view mcp_migrate.check_definer_functions (object, problem, number)
with (security_invoker = true) as
-- tables whose row-level security does not bind their owner
with unforced as (
    select
        c.oid,
        c.relowner
    from pg_catalog.pg_class as c
    where c.relkind in ('r', 'p') and c.relrowsecurity and not c.relforcerowsecurity
)

select
    p.oid::regprocedure::text as object,
    c.problem,
    c.number
from pg_catalog.pg_proc as p
inner join mcp_migrate.judged as j
    on j.classid = 'pg_catalog.pg_proc'::regclass and p.oid = j.objid
inner join pg_catalog.pg_roles as r on p.proowner = r.oid
left join mcp_migrate.bypasses as b on b.kind = 'function' and p.oid = b.id
cross join
    lateral (
        values
        (
            j.is_made
            and not exists (
                select
                from unnest(p.proconfig) as c (setting)
                where c.setting like 'search\_path=%'
            )
            -- check_catalog says so of what should be a tool
            and p.oid not in (select f.oid from mcp_catalog.exposed_functions() as f (oid)),
            'it has no search_path: add "set search_path = pg_catalog, pg_temp"',
            'ZM132'
        ),
        (
            j.is_made
            and (
                r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb
                -- nodes of a cluster log in with each other as it
                or r.rolcanlogin
                and not exists (
                    select from pg_catalog.pg_extension as e where e.extname = 'citus'
                )
            ),
            format('its owner %s has powers: give it to a role that has none', r.rolname),
            'ZM133'
        ),
        (
            not j.is_made and (r.rolsuper or r.rolbypassrls),
            format(
                'tools may execute it, and its owner %s sees every row of every table: revoke '
                'execute from public and from the roles of tools, or make it security invoker',
                r.rolname
            ),
            'ZM134'
        ),
        (
            not j.is_made
            and not (r.rolsuper or r.rolbypassrls)
            and exists (select from unforced as t where t.relowner = r.oid),
            format(
                'tools may execute it, and its owner %s sees every row of its own tables, such as '
                '%s: revoke execute from public and from the roles of tools, make it security '
                'invoker, or alter table ... force row level security',
                r.rolname,
                (
                    select min(t.oid::regclass::text)
                    from unforced as t
                    where t.relowner = r.oid
                )
            ),
            'ZM134'
        ),
        (
            not j.is_made
            and b.id is not null
            and not (r.rolsuper or r.rolbypassrls)
            and not exists (select from unforced as t where t.relowner = r.oid),
            format(
                'tools may execute it, and %s: revoke execute from public and from the roles of '
                'tools, or make it security invoker',
                b.reason
            ),
            'ZM134'
        )
    ) as c (is_wrong, problem, number)
where p.prosecdef and c.is_wrong;

comment on view mcp_migrate.check_definer_functions is
'SECURITY DEFINER functions whose names can be hijacked, or that run with powers; those of others '
'that tools reach and whose owner passes by row-level security.';
comment on column mcp_migrate.check_definer_functions.object is 'What it is about.';
comment on column mcp_migrate.check_definer_functions.problem is
'What is wrong, and what to change.';
comment on column mcp_migrate.check_definer_functions.number is 'Number in mcp_migrate.checks.';
