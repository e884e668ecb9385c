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
where c.is_stale
union all
select
    format('hook %s', h.hook) as object,
    'its function is gone: select mcp.register_hook(...) with another one' as problem
from mcp.hooks as h
where not exists (select from pg_catalog.pg_proc as p where p.oid = h.function);

comment on view migrate.check_catalog is
'Functions in exposed schemas that cannot be tools, a catalogue that is out of date, hooks '
'without a function.';
comment on column migrate.check_catalog.object is 'What it is about.';
comment on column migrate.check_catalog.problem is 'What is wrong, and what to change.';
