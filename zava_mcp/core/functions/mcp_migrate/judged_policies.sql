create or replace view mcp_migrate.judged_policies (oid, is_made)
with (security_invoker = true) as
select
    p.oid,
    coalesce(j.is_made, false)
    or exists (
        select
        from mcp_migrate.object as o
        where
            o.kind = 'policy'
            and o.identity = format('%I on %I.%I', p.polname, n.nspname, c.relname)
    ) as is_made
from pg_catalog.pg_policy as p
inner join pg_catalog.pg_class as c on p.polrelid = c.oid
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
left join mcp_migrate.judged as j
    on j.classid = 'pg_catalog.pg_class'::regclass and p.polrelid = j.objid
where
    not c.relispartition
    and (
        j.objid is not null
        or exists (
            select
            from mcp_migrate.object as o
            where
                o.kind = 'policy'
                and o.identity = format('%I on %I.%I', p.polname, n.nspname, c.relname)
        )
    );

comment on view mcp_migrate.judged_policies is
'The policies that the checks look at: those of our files, of tables of ours, and of tables that '
'tools reach.';
comment on column mcp_migrate.judged_policies.oid is 'Key in pg_policy.';
comment on column mcp_migrate.judged_policies.is_made is
'Whether a file of ours made it, or its table is of a schema of ours.';
