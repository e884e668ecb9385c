create or replace view migrate.check_public_execute (object, problem)
with (security_invoker = true) as
select
    p.oid::regprocedure::text as object,
    'PUBLIC may execute it: revoke all on function ... from public' as problem
from pg_catalog.pg_proc as p
inner join migrate.managed_schemas as s on p.pronamespace = s.oid
where
    exists (
        select
        from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
        where a.grantee = 0
    );

comment on view migrate.check_public_execute is 'Functions that PUBLIC may execute.';
comment on column migrate.check_public_execute.object is 'What it is about.';
comment on column migrate.check_public_execute.problem is 'What is wrong, and what to change.';
