create or replace view mcp_migrate.check_cached_tables (object, problem, number)
with (security_invoker = true) as
select
    c.oid::regclass::text as object,
    'tools may read it, answers are kept (@tool cache=), and nothing tells the servers that it has '
    'changed: add a trigger with mcp_tool.notify_change()' as problem,
    'ZM211' as number
from pg_catalog.pg_class as c
inner join mcp_migrate.judged as j
    on j.classid = 'pg_catalog.pg_class'::regclass and c.oid = j.objid
where
    c.relkind in ('r', 'p')
    and not c.relispartition
    and has_table_privilege('mcp_tools', c.oid, 'select')
    and exists (select from mcp_catalog.tools as t where t.cache_seconds > 0)
    and not exists (
        select
        from pg_catalog.pg_trigger as t
        where
            t.tgrelid = c.oid
            and t.tgfoid = 'mcp_tool.notify_change()'::regprocedure
            and t.tgenabled in ('O', 'A')
    );

comment on view mcp_migrate.check_cached_tables is
'Tables whose changes do not reach the answers that servers keep.';
comment on column mcp_migrate.check_cached_tables.object is 'What it is about.';
comment on column mcp_migrate.check_cached_tables.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_cached_tables.number is 'Number in mcp_migrate.checks.';
