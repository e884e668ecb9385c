-- Roles that exist, and who else uses them: other databases of this server, and members and groups
-- that are none of them and not this session's login. A database with limits of one of the roles is
-- served by it: what an audience without a tool is for there, nothing else tells.
select
    r.rolname::text as name,
    concat_ws(
        ', ',
        (
            select string_agg(distinct 'database ' || d.datname, ', ')
            from pg_catalog.pg_database as d
            where
                d.datname <> pg_catalog.current_database()
                and (
                    exists (
                        select
                        from pg_catalog.pg_shdepend as s
                        where
                            s.dbid = d.oid
                            and s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
                            and s.refobjid = r.oid
                    )
                    or exists (
                        select
                        from pg_catalog.pg_db_role_setting as g
                        inner join pg_catalog.pg_roles as o on g.setrole = o.oid
                        where g.setdatabase = d.oid and o.rolname = any($1::text[])
                    )
                )
        ),
        (
            select string_agg(distinct 'role ' || o.rolname, ', ')
            from pg_catalog.pg_auth_members as m
            inner join pg_catalog.pg_roles as o
                on o.oid = case when m.roleid = r.oid then m.member else m.roleid end
            where
                r.oid in (m.roleid, m.member)
                and o.rolname <> all($1::text[])
                and o.rolname not in (current_user, session_user)
                and not o.rolsuper
        )
    ) as users
from pg_catalog.pg_roles as r
where r.rolname = any($1::text[])
order by name
