-- The tables among $1 that the tools have a privilege on, and that our policies do not close to
-- them: row-level security is off, or a permissive policy that no file made admits them, and no
-- restrictive one of ours limits them. With each the statement that revokes what a tool's role has
-- been granted, and whether it reads the table now: perhaps by a grant to PUBLIC, to a role of
-- which it is a member, or of somebody else than the owner.
with policies as (
    select
        p.polrelid,
        p.polcmd,
        p.polroles,
        p.polpermissive,
        exists (
            select
            from mcp_migrate.object as o
            where
                o.kind = 'policy'
                and o.identity
                = pg_catalog.format('%I on %s', p.polname, p.polrelid::pg_catalog.regclass)
        ) as is_ours
    from pg_catalog.pg_policy as p
    where p.polrelid = any($1::oid[])
)

select
    c.oid::pg_catalog.regclass::text as name,
    pg_catalog.format(
        'revoke all on table %s from %I', c.oid::pg_catalog.regclass, r.rolname
    ) as statement,
    pg_catalog.has_schema_privilege(r.oid, c.relnamespace, 'usage')
    and pg_catalog.has_any_column_privilege(r.oid, c.oid, 'select') as is_read
from pg_catalog.pg_class as c
cross join pg_catalog.pg_roles as r
where
    c.oid = any($1::oid[])
    and r.rolname in ('mcp_tools', 'mcp_sandbox')
    and (
        pg_catalog.has_table_privilege(r.oid, c.oid, 'delete, truncate, trigger')
        or pg_catalog.has_any_column_privilege(r.oid, c.oid, 'select, insert, update, references')
    )
    and (
        not c.relrowsecurity
        or exists (
            select
            from policies as p
            where
                c.oid = p.polrelid
                and p.polpermissive
                and not p.is_ours
                and exists (
                    select
                    from unnest(p.polroles) as t (oid)
                    where t.oid = 0 or pg_catalog.pg_has_role(r.oid, nullif(t.oid, 0), 'usage')
                )
                and not exists (
                    select
                    from policies as q
                    where
                        c.oid = q.polrelid
                        and not q.polpermissive
                        and q.is_ours
                        and q.polcmd in ('*', p.polcmd)
                        and q.polroles && array[r.oid, 0::oid]
                )
        )
    )
order by 1, 2
