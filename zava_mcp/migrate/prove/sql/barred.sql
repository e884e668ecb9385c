-- Tables whose rows the login may not change as it likes: others own them, or row-level security binds it.
select r.name
from pg_temp.prove_relations as r
inner join pg_catalog.pg_class as c on r.relation = c.oid
where
    r.kind in ('r', 'p')
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
    )
order by r.name;
