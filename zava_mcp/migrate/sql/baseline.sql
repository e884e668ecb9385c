-- Every schema of this database, whether it is checked whole, and what is in it.
select
    n.nspname::text as schema,
    case
        when s.is_judged then 'checked'
        when not s.is_judged then 'accepted'
        else 'not ours'
    end as standing,
    (
        select count(*)
        from pg_class as c
        where c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')
    ) as relations,
    (select count(*) from pg_proc as p where p.pronamespace = n.oid) as functions,
    (
        select count(*)
        from pg_class as c
        cross join lateral unnest(c.relacl) as a (item)
        cross join lateral aclexplode(array[a.item]) as e
        inner join pg_roles as r on e.grantee = r.oid and r.rolname in ('mcp_tools', 'mcp_sandbox')
        where c.relnamespace = n.oid and e.privilege_type = 'SELECT'
    ) as reached
from pg_namespace as n
left join mcp_migrate.schema as s on n.nspname = s.schema
where n.nspname !~ '^(pg_|information_schema$)'
order by 1
