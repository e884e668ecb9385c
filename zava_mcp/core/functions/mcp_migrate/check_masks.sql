create or replace view mcp_migrate.check_masks (object, problem, number)
with (security_invoker = true) as
select
    format('%s.%I', m.relation::regclass, m.column_name) as object,
    m.problem,
    'ZM107' as number
from mcp_catalog.column_masks() as m
where m.problem is not null
union all
select
    v.oid::regclass::text as object,
    format(
        'it is older than the masks of %s: apply the file that calls mcp_migrate.mask_table again',
        t.relation::regclass
    ) as problem,
    'ZM108' as number
from pg_catalog.pg_class as v
cross join lateral mcp_catalog.masked_table(v.oid) as t (relation)
where
    v.relkind = 'v'
    and t.relation is not null
    and substring(obj_description(v.oid, 'pg_class') from '[^\n]*$')
    <> mcp_migrate.mask_comment(t.relation);

comment on view mcp_migrate.check_masks is
'Masks of columns that cannot work, or that free queries go around; views that mask by rules of '
'before.';
comment on column mcp_migrate.check_masks.object is 'The column, or the view.';
comment on column mcp_migrate.check_masks.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_masks.number is 'Number in mcp_migrate.checks.';
