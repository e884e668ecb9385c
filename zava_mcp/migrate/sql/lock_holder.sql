-- Who holds this database's locks: of migrations, and of test runs.
select
    p.purpose,
    a.pid,
    a.application_name,
    coalesce(a.client_addr::text, 'this machine') as place,
    a.backend_start
from pg_locks as l
inner join pg_stat_activity as a on l.pid = a.pid
inner join (values ('migrate'), ('test')) as p (purpose)
    on (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('zava-mcp:' || p.purpose, 0)
where
    l.locktype = 'advisory'
    and l.granted
    and l.objsubid = 1
    and l.database = (select d.oid from pg_database as d where d.datname = current_database())
