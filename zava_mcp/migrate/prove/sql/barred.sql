-- Tables whose rows the login may not change as it likes: others own them, or row-level security binds it;
-- materialized views that it may not refresh. Those that no tool is known to reach are left alone.
create temp table prove_barred on commit drop as
select
    r.relation,
    r.name,
    exists (
        select
        from mcp_migrate.judged as j
        where j.classid = 'pg_catalog.pg_class'::regclass and j.objid = r.relation
    ) as is_judged
from pg_temp.prove_relations as r
inner join pg_catalog.pg_class as c on r.relation = c.oid
where
    r.kind = 'm' and not pg_has_role(c.relowner, 'usage')
    or r.kind in ('r', 'p')
    and (
        not pg_has_role(c.relowner, 'usage')
        or (
            row_security_active(c.oid)
            and not exists (
                select
                from pg_catalog.pg_policy as p
                cross join unnest(p.polroles) as m (role)
                where
                    p.polrelid = c.oid
                    and p.polpermissive
                    and p.polcmd = '*'
                    and pg_get_expr(p.polqual, p.polrelid) = 'true'
                    and coalesce(pg_get_expr(p.polwithcheck, p.polrelid), 'true') = 'true'
                    and (m.role = 0 or pg_has_role(m.role, 'usage'))
            )
        )
    );

delete from pg_temp.prove_columns as c
using pg_temp.prove_barred as b
where c.relation = b.relation and not b.is_judged;
delete from pg_temp.prove_relations as r
using pg_temp.prove_barred as b
where r.relation = b.relation and not b.is_judged;

select
    b.name,
    b.is_judged
from pg_temp.prove_barred as b
order by b.name;
