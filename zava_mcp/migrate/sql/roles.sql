-- The roles that own something in this database or have a privilege there, and their members that
-- have settings there: servers' logins. Other members belong to other databases of the server.
with used as (
    select distinct d.refobjid as role
    from pg_catalog.pg_shdepend as d
    where
        d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
        and d.dbid = (
            select b.oid
            from pg_catalog.pg_database as b
            where b.datname = pg_catalog.current_database()
        )
),

shown as (
    select u.role from used as u
    union
    select m.member
    from pg_catalog.pg_auth_members as m
    inner join pg_catalog.pg_db_role_setting as s on m.member = s.setrole
    inner join pg_catalog.pg_database as b
        on s.setdatabase = b.oid and b.datname = pg_catalog.current_database()
    where m.roleid in (select u.role from used as u)
)

select
    pg_catalog.format(
        'CREATE ROLE %I %s;', r.rolname, case when r.rolcanlogin then 'LOGIN' else 'NOLOGIN' end
    )
from pg_catalog.pg_roles as r
where r.oid in (select s.role from shown as s) and not r.rolsuper
union
select pg_catalog.format('GRANT %I TO %I;', r.rolname, m.rolname)
from pg_catalog.pg_auth_members as a
inner join pg_catalog.pg_roles as r on a.roleid = r.oid
inner join pg_catalog.pg_roles as m on a.member = m.oid
where
    r.oid in (select s.role from shown as s)
    and m.oid in (select s.role from shown as s)
    and not m.rolsuper
order by 1;
