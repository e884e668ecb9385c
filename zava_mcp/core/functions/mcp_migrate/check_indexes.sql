create or replace view mcp_migrate.check_indexes (object, problem)
with (security_invoker = true) as
select
    i.indexrelid::regclass::text as object,
    'it is invalid, left by a failed concurrent build: drop it and build it again' as problem
from pg_catalog.pg_index as i
inner join pg_catalog.pg_class as c on i.indrelid = c.oid
inner join mcp_migrate.managed_schemas as s on c.relnamespace = s.oid
where not c.relispartition and not (i.indisvalid and i.indisready);

comment on view mcp_migrate.check_indexes is 'Indexes that a failed build left behind.';
comment on column mcp_migrate.check_indexes.object is 'What it is about.';
comment on column mcp_migrate.check_indexes.problem is 'What is wrong, and what to change.';
