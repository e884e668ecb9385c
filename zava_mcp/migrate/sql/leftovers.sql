-- What in this database still names one of the roles, as owner, in an access list or in a policy.
select distinct
    pg_catalog.pg_describe_object(s.classid, s.objid, 0) as what,
    r.rolname::text as role
from pg_catalog.pg_shdepend as s
inner join pg_catalog.pg_roles as r on s.refobjid = r.oid and r.rolname = any($1::text[])
inner join pg_catalog.pg_database as d
    on s.dbid = d.oid and d.datname = pg_catalog.current_database()
where s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
order by 1, 2
