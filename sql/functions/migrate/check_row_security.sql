create or replace view migrate.check_row_security (object, problem)
with (security_invoker = true) as
with readable as (
    select
        c.oid,
        c.relrowsecurity,
        c.relforcerowsecurity
    from pg_catalog.pg_class as c
    inner join migrate.managed_schemas as s on c.relnamespace = s.oid
    where
        c.relkind in ('r', 'p')
        and (
            has_any_column_privilege('zava_tools', c.oid, 'select, insert, update')
            or has_any_column_privilege('zava_sandbox', c.oid, 'select, insert, update')
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
            not r.relrowsecurity,
            'row-level security is off: alter table ... enable row level security'
        ),
        (
            not r.relforcerowsecurity,
            'its owner is not bound: alter table ... force row level security'
        ),
        (
            not exists (select from pg_catalog.pg_policy as p where p.polrelid = r.oid),
            'it has no policy, so nobody sees a row: write sql/policies/<table>.sql'
        )
    ) as p (is_wrong, problem)
where p.is_wrong;

comment on view migrate.check_row_security is
'Tables that tools may touch without row-level security enabled, forced and with a policy.';
comment on column migrate.check_row_security.object is 'What it is about.';
comment on column migrate.check_row_security.problem is 'What is wrong, and what to change.';
