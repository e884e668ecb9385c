-- Views that read a table with the rights of their owner.
select distinct v.oid::regclass::text as name, v.relkind::text as kind,
    pg_get_userbyid(v.relowner)::text as owner
from pg_depend as d
join pg_rewrite as w on w.oid = d.objid and d.classid = 'pg_rewrite'::regclass
join pg_class as v on v.oid = w.ev_class
where d.refclassid = 'pg_class'::regclass and d.refobjid = %(oid)s and v.oid <> %(oid)s
    and v.relkind in ('v', 'm')
    and not coalesce(v.reloptions @> array['security_invoker=true'], false)
    and not coalesce(v.reloptions @> array['security_invoker=on'], false)
order by name
