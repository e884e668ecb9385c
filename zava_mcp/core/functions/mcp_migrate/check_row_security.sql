create or replace view mcp_migrate.check_row_security (object, problem)
with (security_invoker = true) as
with readable as (
    select
        c.oid,
        c.relowner,
        c.relispartition,
        c.relrowsecurity,
        c.relforcerowsecurity
    from pg_catalog.pg_class as c
    inner join mcp_migrate.managed_schemas as s on c.relnamespace = s.oid
    where
        c.relkind in ('r', 'p')
        and (
            has_any_column_privilege('mcp_tools', c.oid, 'select, insert, update')
            or has_any_column_privilege('mcp_sandbox', c.oid, 'select, insert, update')
        )
)

select
    r.oid::regclass::text as object,
    p.problem
from readable as r
cross join
    lateral (
        values
        (
            r.relispartition and not r.relrowsecurity,
            'it is a partition, and reading it goes around the policies of its table: revoke ... '
            'on it'
        ),
        (
            not r.relispartition and not r.relrowsecurity,
            'row-level security is off: alter table ... enable row level security'
        ),
        (
            not r.relispartition
            and not r.relforcerowsecurity
            and exists (
                select
                from pg_catalog.pg_proc as f
                inner join mcp_migrate.managed_schemas as s on f.pronamespace = s.oid
                where f.prosecdef and r.relowner = f.proowner
            ),
            'its owner also owns definer functions, which see every row: '
            'alter table ... force row level security'
        ),
        (
            not r.relispartition
            and not exists (select from pg_catalog.pg_policy as p where p.polrelid = r.oid),
            'it has no policy, so nobody sees a row: write sql/policies/<table>.sql'
        )
    ) as p (is_wrong, problem)
where p.is_wrong;

comment on view mcp_migrate.check_row_security is
'Tables that tools may touch without row-level security and a policy, or whose owner''s definer '
'functions see every row for want of FORCE; partitions that tools may touch by themselves.';
comment on column mcp_migrate.check_row_security.object is 'What it is about.';
comment on column mcp_migrate.check_row_security.problem is 'What is wrong, and what to change.';
