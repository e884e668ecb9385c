create or replace function mcp_catalog.result_columns(function oid)
returns table (
    ordinal bigint,
    name text,
    kind text,
    description text
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        c.ordinal,
        c.name,
        case
            when b.oid in ('timestamp'::regtype, 'timestamptz'::regtype) then 'time'
            when b.oid = 'date'::regtype then 'date'
            when
                b.oid in (
                    'int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype,
                    'float4'::regtype, 'float8'::regtype
                )
                then 'number'
            when b.typtype = 'e' or b.typcategory = 'S' then 'text'
            else 'other'
        end as kind,
        coalesce(c.description, case
            -- PostgreSQL's own say nothing of a meaning
            when t.typnamespace <> 'pg_catalog'::regnamespace
                then
                    nullif(
                        btrim(
                            regexp_replace(obj_description(t.oid, 'pg_type'), '\n?@schema.*$', ''),
                            E' \n'
                        ),
                        ''
                    )
        end) as description
    from pg_catalog.pg_proc as p
    cross join lateral mcp_catalog.base_type(p.prorettype) as r
    cross join
        lateral (
            select
                u.position as ordinal,
                u.name,
                u.type,
                null::text as description
            from
                unnest(p.proargnames, p.proallargtypes, p.proargmodes)
                with ordinality as u (name, type, mode, position)
            where u.mode in ('o', 'b', 't')
            union all
            select
                a.attnum,
                a.attname::text,
                a.atttypid,
                col_description(a.attrelid, a.attnum)
            from pg_catalog.pg_attribute as a
            where
                r.typtype = 'c' and a.attrelid = r.typrelid
                and a.attnum > 0 and not a.attisdropped
        ) as c
    inner join pg_catalog.pg_type as t on c.type = t.oid
    cross join lateral mcp_catalog.base_type(c.type) as b
    where p.oid = result_columns.function
    order by c.ordinal;
end;

comment on function mcp_catalog.result_columns(oid) is $comment$
Return the columns of a row that a function returns, as a picture sees them.

@param function  The function.
@returns One row a column, in order: kind is date, time, number, text or other; description is the comment of the column, or
of its type. No row for what has no columns.
$comment$;

alter function mcp_catalog.result_columns(oid) owner to mcp_core;
revoke all on function mcp_catalog.result_columns(oid) from public;
