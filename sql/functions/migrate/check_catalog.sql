create or replace view migrate.check_catalog (object, problem)
with (security_invoker = true) as
select
    f.oid::regprocedure::text as object,
    r.reason as problem
from mcp.exposed_functions() as f (oid)
cross join lateral mcp.refusals(f.oid) as r (reason)
union all
select
    'mcp.tools' as object,
    'it is older than the functions: select mcp.refresh_catalog()' as problem
from mcp.catalog_state as c
where c.is_stale;

comment on view migrate.check_catalog is
'Functions in exposed schemas that cannot be tools, and a catalogue that is out of date.';
comment on column migrate.check_catalog.object is 'What it is about.';
comment on column migrate.check_catalog.problem is 'What is wrong, and what to change.';
