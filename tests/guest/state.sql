-- What tests/catalogue.sql leaves out: roles, memberships, settings, the database, rows, sequences.
select
    'role' as kind,
    r.rolname::text as identity,
    format(
        'super %s inherit %s createrole %s createdb %s login %s replication %s bypassrls %s limit %s',
        r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication,
        r.rolbypassrls, r.rolconnlimit
    ) as definition
from pg_roles as r
union all
select
    'membership' as kind,
    format('%s in %s by %s', m.member::regrole, m.roleid::regrole, m.grantor::regrole) as identity,
    format('admin %s inherit %s set %s', m.admin_option, m.inherit_option, m.set_option) as definition
from pg_auth_members as m
union all
select
    'setting' as kind,
    format(
        '%s in %s', case s.setrole when 0 then 'all' else s.setrole::regrole::text end,
        (select d.datname from pg_database as d where d.oid = s.setdatabase)
    ) as identity,
    s.setconfig::text as definition
from pg_db_role_setting as s
union all
select
    'database' as kind,
    d.datname::text as identity,
    format('owner %s limit %s connections %s', d.datdba::regrole, d.datconnlimit, d.datallowconn)
from pg_database as d
where d.datname = current_database()
union all
select
    'sequence' as kind,
    format('%I.%I', s.schemaname, s.sequencename) as identity,
    coalesce(s.last_value, 0)::text as definition
from pg_sequences as s
