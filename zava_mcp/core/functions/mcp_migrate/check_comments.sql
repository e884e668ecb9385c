create or replace view mcp_migrate.check_comments (object, problem, number)
with (security_invoker = true) as
with described as (
    select
        format('schema %s', s.name) as object,
        obj_description(s.oid, 'pg_namespace') as description,
        true as is_made
    from mcp_migrate.managed_schemas as s
    union all
    select
        format('table or view %s', c.oid::regclass),
        obj_description(c.oid, 'pg_class'),
        j.is_made
    from pg_catalog.pg_class as c
    inner join mcp_migrate.judged as j
        on j.classid = 'pg_catalog.pg_class'::regclass and c.oid = j.objid
    where not c.relispartition and c.relname not like '%yoyo%'
    union all
    select
        format('column %s.%s', c.oid::regclass, a.attname),
        col_description(c.oid, a.attnum),
        j.is_made
    from pg_catalog.pg_class as c
    inner join mcp_migrate.judged as j
        on j.classid = 'pg_catalog.pg_class'::regclass and c.oid = j.objid
    inner join pg_catalog.pg_attribute as a
        on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
    where not c.relispartition and c.relname not like '%yoyo%'
    union all
    select
        format('function %s', p.oid::regprocedure),
        obj_description(p.oid, 'pg_proc'),
        true
    from pg_catalog.pg_proc as p
    inner join mcp_migrate.judged as j
        on j.classid = 'pg_catalog.pg_proc'::regclass and p.oid = j.objid and j.is_made
    union all
    select
        format('type %s', t.oid::regtype),
        obj_description(t.oid, 'pg_type'),
        true
    from pg_catalog.pg_type as t
    inner join mcp_migrate.managed_schemas as s on t.typnamespace = s.oid
    left join pg_catalog.pg_class as c on t.typrelid = c.oid
    where
        (t.typtype in ('d', 'e') or (t.typtype = 'c' and c.relkind = 'c'))
        and not exists (
            select
            from pg_catalog.pg_depend as d
            where
                d.classid = 'pg_catalog.pg_type'::regclass
                and t.oid = d.objid
                and d.deptype = 'e'
        )
    union all
    select
        format('policy %s on %s', p.polname, p.polrelid::regclass),
        obj_description(p.oid, 'pg_policy'),
        true
    from pg_catalog.pg_policy as p
    inner join mcp_migrate.judged_policies as j on p.oid = j.oid and j.is_made
    union all
    select
        format('trigger %s on %s', t.tgname, t.tgrelid::regclass),
        obj_description(t.oid, 'pg_trigger'),
        true
    from pg_catalog.pg_trigger as t
    inner join pg_catalog.pg_class as c on t.tgrelid = c.oid
    where
        not t.tgisinternal
        and t.tgparentid = 0
        and not c.relispartition
        and (
            c.relnamespace in (select s.oid from mcp_migrate.managed_schemas as s)
            or exists (
                select
                from mcp_migrate.object as o
                where
                    o.kind = 'trigger'
                    and o.identity = format('%I on %s', t.tgname, t.tgrelid::regclass)
            )
        )
)

select
    d.object,
    'it has no comment: say what it means, and its unit' as problem,
    case when d.is_made then 'ZM301' else 'ZM302' end as number
from described as d
where d.description is null;

comment on view mcp_migrate.check_comments is
'Schemas, tables, columns, functions, types, policies and triggers of ours without a comment, and '
'tables and columns that tools reach.';
comment on column mcp_migrate.check_comments.object is 'What it is about.';
comment on column mcp_migrate.check_comments.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_comments.number is 'Number in mcp_migrate.checks.';
