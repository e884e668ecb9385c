create or replace view mcp_migrate.check_catalog (object, problem, number)
with (security_invoker = true) as
select
    f.oid::regprocedure::text as object,
    r.reason as problem,
    'ZM201' as number
from mcp_catalog.exposed_functions() as f (oid)
cross join lateral mcp_catalog.refusals(f.oid) as r (reason)
union all
select
    'mcp_catalog.tools' as object,
    'it is older than the functions: select mcp_catalog.refresh_catalog()' as problem,
    'ZM202' as number
from mcp_catalog.catalog_state as c
where c.is_stale
union all
select
    format('hook %s', h.hook) as object,
    'its function is gone, or of another owner: select mcp_catalog.register_hook(...)' as problem,
    'ZM203' as number
from mcp_catalog.hooks as h
where
    not exists (
        select
        from pg_catalog.pg_proc as p
        where p.oid = to_regprocedure(h.function) and p.proowner = h.owner
    )
union all
select
    r.function as object,
    r.reason as problem,
    'ZM204' as number
from mcp_catalog.catalog_refusal as r
where r.function like 'term %';

comment on view mcp_migrate.check_catalog is
'Functions in exposed schemas that cannot be tools, a catalogue that is out of date, hooks '
'without a function, terms of the vocabulary that cannot be offered.';
comment on column mcp_migrate.check_catalog.object is 'What it is about.';
comment on column mcp_migrate.check_catalog.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_catalog.number is 'Number in mcp_migrate.checks.';
