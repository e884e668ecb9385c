-- Everything that zava-mcp expose could make a tool of, and why something cannot be one. The query
-- of the core's view mcp_migrate.bypasses stands in place of BYPASSES: the core may not be there.
with bypasses (kind, id, object, guarded, reason) as materialized (
    BYPASSES
),

foreign_schemas as (
    select
        n.oid,
        n.nspname
    from pg_catalog.pg_namespace as n
    where n.nspname !~ '^(pg_|information_schema$|mcp($|_)|tests$)'
),

members as (
    -- what extensions brought is theirs
    select
        d.classid,
        d.objid
    from pg_catalog.pg_depend as d
    where d.deptype = 'e'
),

relations as (
    select
        c.oid,
        c.relkind,
        n.nspname as schema,
        c.relname as name,
        c.oid::regclass::text as identity,
        '' as arguments,
        exists (
            select
            from pg_catalog.pg_attribute as a
            where
                a.attrelid = c.oid
                and a.attnum > 0
                and not a.attisdropped
                -- what a comment masks, a tool leaves out
                and coalesce(col_description(a.attrelid, a.attnum), '') !~ '(^|\n)@mask\M'
        ) as has_columns
    from pg_catalog.pg_class as c
    inner join foreign_schemas as n on c.relnamespace = n.oid
    where
        c.relkind in ('r', 'p', 'v', 'm', 'f')
        and not c.relispartition
        and not exists (
            select
            from members as m
            where m.classid = 'pg_catalog.pg_class'::regclass and m.objid = c.oid
        )
),

routines as (
    select
        p.oid,
        p.prokind,
        n.nspname as schema,
        p.proname as name,
        format('%%I.%%I', n.nspname, p.proname) as identity,
        oidvectortypes(p.proargtypes) as arguments,
        p.prokind = 'p'
        and l.lanname = 'plpgsql'
        and p.prosrc ~* '\m(commit|rollback)\M\s*(;|and|work)' as ends_transaction,
        p.proallargtypes is not null
        and exists (select from unnest(p.proargmodes) as m (mode) where m.mode in ('o', 'b', 't'))
            as has_columns,
        t.typname as result_type,
        t.typtype as result_kind,
        t.oid as result_id,
        array(
            select a.oid::regtype::text
            from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) as a (oid)
            inner join pg_catalog.pg_type as y on a.oid = y.oid and y.typtype = 'p'
        ) as pseudo_types
    from pg_catalog.pg_proc as p
    inner join foreign_schemas as n on p.pronamespace = n.oid
    inner join pg_catalog.pg_language as l on p.prolang = l.oid
    inner join pg_catalog.pg_type as t on p.prorettype = t.oid
    where
        -- those of the project are tools already
        n.nspname <> %(tools)s
        and not exists (
            select
            from members as m
            where m.classid = 'pg_catalog.pg_proc'::regclass and m.objid = p.oid
        )
),

judged as (
    select
        r.oid,
        case r.relkind
            when 'v' then 'view'
            when 'm' then 'materialized view'
            when 'f' then 'foreign table'
            else 'table'
        end as kind,
        r.schema,
        r.name,
        r.identity,
        r.arguments,
        case
            when r.relkind = 'f'
                then
                    'its rows are another server''s, where nobody knows the caller: write a tool'
                    ' that says which rows'
            when not r.has_columns
                then 'it has no columns that a tool could give: write a tool over what it counts'
        end as why,
        false as is_polymorphic
    from relations as r
    union all
    select
        r.oid,
        case r.prokind
            when 'p' then 'procedure'
            when 'a' then 'aggregate'
            when 'w' then 'window function'
            else 'function'
        end as kind,
        r.schema,
        r.name,
        r.identity,
        r.arguments,
        case
            when r.prokind = 'a' then 'an aggregate needs rows: write a tool with the query around it'
            when r.prokind = 'w' then 'a window function needs rows: write a tool with the query around it'
            when r.result_type in ('trigger', 'event_trigger')
                then 'a trigger function is called by its trigger alone'
            when r.ends_transaction
                then 'it ends the transaction (COMMIT, ROLLBACK), and a call is one transaction'
            when r.result_type = 'refcursor'
                then 'it returns a cursor, which ends with the call: write a tool over its query'
            when r.result_type = 'record' and not r.has_columns
                then
                    'it returns a bare record, whose columns nobody knows: write a tool with'
                    ' returns table over it'
            when 'any' = any(r.pseudo_types) or '"any"' = any(r.pseudo_types)
                then 'it takes arguments of any type: write a tool that fixes them'
            when
                r.result_kind = 'p'
                and r.result_type not in ('void', 'record')
                and r.result_type !~ '^any'
                or exists (select from unnest(r.pseudo_types) as p (name) where p.name !~ '^any')
                then
                    'it takes or returns an internal type of PostgreSQL, which no client can send'
            when
                r.result_type ~ '^any.*range$'
                or exists (select from unnest(r.pseudo_types) as p (name) where p.name ~ 'range$')
                then 'it takes or returns a range of any type: write a tool that fixes it'
        end as why,
        r.result_kind = 'p' and r.result_type ~ '^any' or r.pseudo_types <> '{}' as is_polymorphic
    from routines as r
)

select
    j.oid,
    j.kind,
    j.schema,
    j.name,
    j.identity,
    j.arguments,
    j.is_polymorphic,
    coalesce(
        case
            -- who applies grants it to the tools
            when not has_schema_privilege(j.schema, 'usage')
                then
                    format(
                        '%%1$I may not use schema %%2$I; its owner: grant usage on schema %%2$I to %%1$I'
                        ' with grant option', current_user, j.schema
                    )
        end,
        j.why,
        'it goes around row-level security: ' || b.reason || '. Safe: '
        || case b.kind
            when 'view'
                then
                    format(
                        'alter view %%s set (security_invoker = on), or a tool of your own over its'
                        ' query', j.identity
                    )
            when 'function'
                then 'a tool of your own over its query, or alter function ... security invoker'
            else 'a tool of your own over its query: zava-mcp new tool'
        end
    ) as why
from judged as j
left join bypasses as b
    on
        j.oid = b.id
        and (b.kind = 'function') = (j.kind in ('function', 'procedure'))
order by
    array_position(
        array[
            'function', 'procedure', 'view', 'materialized view', 'table', 'foreign table',
            'aggregate', 'window function'
        ], j.kind
    ),
    j.schema,
    j.name,
    j.arguments
