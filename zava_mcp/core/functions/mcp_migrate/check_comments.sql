create or replace view mcp_migrate.check_comments (object, problem)
with (security_invoker = true) as
with described as (
    select
        format('schema %s', s.name) as object,
        obj_description(s.oid, 'pg_namespace') as description
    from mcp_migrate.managed_schemas as s
    union all
    select
        format('table or view %s', c.oid::regclass),
        obj_description(c.oid, 'pg_class')
    from pg_catalog.pg_class as c
    inner join mcp_migrate.managed_schemas as s on c.relnamespace = s.oid
    where
        c.relkind in ('r', 'p', 'v', 'm', 'f')
        and not c.relispartition
        and c.relname not like '%yoyo%'
    union all
    select
        format('column %s.%s', c.oid::regclass, a.attname),
        col_description(c.oid, a.attnum)
    from pg_catalog.pg_class as c
    inner join mcp_migrate.managed_schemas as s on c.relnamespace = s.oid
    inner join pg_catalog.pg_attribute as a
        on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
    where
        c.relkind in ('r', 'p', 'v', 'm', 'f')
        and not c.relispartition
        and c.relname not like '%yoyo%'
    union all
    select
        format('function %s', p.oid::regprocedure),
        obj_description(p.oid, 'pg_proc')
    from pg_catalog.pg_proc as p
    inner join mcp_migrate.managed_schemas as s on p.pronamespace = s.oid
    union all
    select
        format('type %s', t.oid::regtype),
        obj_description(t.oid, 'pg_type')
    from pg_catalog.pg_type as t
    inner join mcp_migrate.managed_schemas as s on t.typnamespace = s.oid
    left join pg_catalog.pg_class as c on t.typrelid = c.oid
    where t.typtype in ('d', 'e') or (t.typtype = 'c' and c.relkind = 'c')
    union all
    select
        format('policy %s on %s', p.polname, p.polrelid::regclass),
        obj_description(p.oid, 'pg_policy')
    from pg_catalog.pg_policy as p
    inner join pg_catalog.pg_class as c on p.polrelid = c.oid
    inner join mcp_migrate.managed_schemas as s on c.relnamespace = s.oid
    where not c.relispartition
    union all
    select
        format('trigger %s on %s', t.tgname, t.tgrelid::regclass),
        obj_description(t.oid, 'pg_trigger')
    from pg_catalog.pg_trigger as t
    inner join pg_catalog.pg_class as c on t.tgrelid = c.oid
    inner join mcp_migrate.managed_schemas as s on c.relnamespace = s.oid
    where not t.tgisinternal and t.tgparentid = 0 and not c.relispartition
)

select
    d.object,
    'it has no comment: say what it means, and its unit' as problem
from described as d
where d.description is null;

comment on view mcp_migrate.check_comments is
'Schemas, tables, columns, functions, types, policies and triggers without a comment.';
comment on column mcp_migrate.check_comments.object is 'What it is about.';
comment on column mcp_migrate.check_comments.problem is 'What is wrong, and what to change.';
