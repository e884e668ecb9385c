create or replace view mcp_migrate.check_public_execute (object, problem, number)
with (security_invoker = true) as
select
    p.oid::regprocedure::text as object,
    'PUBLIC may execute it: revoke all on routine ... from public' as problem,
    'ZM131' as number
from pg_catalog.pg_proc as p
inner join mcp_migrate.judged as j
    on j.classid = 'pg_catalog.pg_proc'::regclass and p.oid = j.objid and j.is_made
where
    exists (
        select
        from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
        where a.grantee = 0
    )
    -- check_catalog says so of what should be a tool
    and p.oid not in (select f.oid from mcp_catalog.exposed_functions() as f (oid));

comment on view mcp_migrate.check_public_execute is
'Functions of ours that PUBLIC may execute, but for the tools, whose refusals check_catalog tells.';
comment on column mcp_migrate.check_public_execute.object is 'What it is about.';
comment on column mcp_migrate.check_public_execute.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_public_execute.number is 'Number in mcp_migrate.checks.';
