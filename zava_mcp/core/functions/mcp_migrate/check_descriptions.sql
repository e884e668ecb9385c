create or replace view mcp_migrate.check_descriptions (object, problem, number)
with (security_invoker = true) as
select
    p.oid::regprocedure::text as object,
    'its comment says TODO, and clients read it: say what it does, and what each argument means'
        as problem,
    'ZM303' as number
from mcp_catalog.exposed_functions() as f (oid)
inner join pg_catalog.pg_proc as p on f.oid = p.oid
where obj_description(p.oid, 'pg_proc') ~ '\mTODO:';

comment on view mcp_migrate.check_descriptions is
'Tools whose comment is not written yet.';
comment on column mcp_migrate.check_descriptions.object is 'What it is about.';
comment on column mcp_migrate.check_descriptions.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_descriptions.number is 'Number in mcp_migrate.checks.';
