create or replace view mcp_migrate.check_row_security (object, problem, number)
with (security_invoker = true) as
with reached as (
    select
        c.oid,
        c.relowner,
        c.relkind,
        c.relispartition,
        c.relrowsecurity,
        c.relforcerowsecurity,
        j.is_made,
        j.is_direct
    from mcp_migrate.judged as j
    inner join pg_catalog.pg_class as c on j.objid = c.oid
    where
        j.classid = 'pg_catalog.pg_class'::regclass
        and j.is_reached
        and c.relkind in ('r', 'p', 'f')
        -- a view or a function of the core may read a table of its own
        and (j.is_direct or not j.is_made)
)

select
    r.oid::regclass::text as object,
    p.problem,
    p.number
from reached as r
cross join
    lateral (
        values
        (
            r.relispartition and r.is_direct and not r.relrowsecurity,
            'it is a partition, and reading it goes around the policies of its table: revoke ... '
            'on it',
            'ZM102'
        ),
        (
            r.is_made and not r.relispartition and not r.relrowsecurity,
            'row-level security is off: alter table ... enable row level security',
            'ZM101'
        ),
        (
            not r.is_made and not r.relispartition and not r.relrowsecurity,
            'tools read it, and every caller sees all of it: enable row level security and write '
            'a policy, or accept it where it holds nothing of one tenant',
            'ZM105'
        ),
        (
            r.is_made
            and not r.relispartition
            and not r.relforcerowsecurity
            and exists (
                select
                from pg_catalog.pg_proc as f
                inner join mcp_migrate.judged as s
                    on s.classid = 'pg_catalog.pg_proc'::regclass and f.oid = s.objid and s.is_made
                where f.prosecdef and r.relowner = f.proowner
            ),
            'its owner also owns definer functions, which see every row: '
            'alter table ... force row level security',
            'ZM103'
        ),
        (
            not r.relispartition
            and r.relkind <> 'f'
            and (r.is_made or r.relrowsecurity)
            and not exists (select from pg_catalog.pg_policy as p where p.polrelid = r.oid),
            'it has no policy, so nobody sees a row: write sql/policies/<table>.sql',
            'ZM104'
        )
    ) as p (is_wrong, problem, number)
where p.is_wrong;

comment on view mcp_migrate.check_row_security is
'Tables that tools reach without row-level security and a policy, or whose owner''s definer '
'functions see every row for want of FORCE; partitions that tools may touch by themselves.';
comment on column mcp_migrate.check_row_security.object is 'What it is about.';
comment on column mcp_migrate.check_row_security.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_row_security.number is 'Number in mcp_migrate.checks.';
