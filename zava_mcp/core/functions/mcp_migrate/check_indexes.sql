create or replace view mcp_migrate.check_indexes (object, problem, number)
with (security_invoker = true) as
select
    i.indexrelid::regclass::text as object,
    'it is invalid, left by a failed concurrent build: drop it and build it again' as problem,
    'ZM312' as number
from pg_catalog.pg_index as i
inner join pg_catalog.pg_class as c on i.indrelid = c.oid
inner join mcp_migrate.judged as j
    on j.classid = 'pg_catalog.pg_class'::regclass and c.oid = j.objid
where not c.relispartition and not (i.indisvalid and i.indisready);

comment on view mcp_migrate.check_indexes is 'Indexes that a failed build left behind.';
comment on column mcp_migrate.check_indexes.object is 'What it is about.';
comment on column mcp_migrate.check_indexes.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_indexes.number is 'Number in mcp_migrate.checks.';
