create or replace function mcp_tool.table_schemas(
    schema name,
    table_names text[] default null,
    valid_values jsonb default '{}'
)
returns mcp_tool.table_schemas
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with readable as (
        select
            c.oid,
            -- the table that has the keys, comments and policies of a view that masks it
            coalesce(mcp_catalog.masked_table(c.oid), c.oid) as source,
            format('%I.%I', n.nspname, c.relname) as table_name,
            lower(format('%s.%s', n.nspname, c.relname)) as plain_name,
            lower(c.relname) as bare_name
        from pg_catalog.pg_class as c
        inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
        where
            n.nspname = table_schemas.schema
            and c.relkind in ('r', 'p', 'v')
            and not c.relispartition
            and has_any_column_privilege('mcp_sandbox', c.oid, 'select')
            and mcp_tool.may_see_rows(coalesce(mcp_catalog.masked_table(c.oid), c.oid))
    ),

    unknown as (
        select a.asked
        from unnest(table_schemas.table_names) as a (asked)
        where not exists (
            select
            from readable as r
            where lower(replace(btrim(a.asked), '"', '')) in (r.plain_name, r.bare_name)
        )
    ),

    described as (
        select
            r.table_name,
            row(
                r.table_name,
                obj_description(r.oid, 'pg_class'),
                (
                    select
                        array_agg(
                            row(
                                a.attname,
                                format_type(a.atttypid, a.atttypmod),
                                not a.attnotnull,
                                col_description(a.attrelid, a.attnum)
                            )::mcp_tool.table_column
                            order by a.attnum
                        )
                    from pg_catalog.pg_attribute as a
                    where
                        a.attrelid = r.oid
                        and a.attnum > 0
                        and not a.attisdropped
                        and has_column_privilege('mcp_sandbox', a.attrelid, a.attnum, 'select')
                ),
                (
                    select array_agg(a.attname::text order by k.position)
                    from pg_catalog.pg_constraint as c
                    cross join unnest(c.conkey) with ordinality as k (attnum, position)
                    inner join
                        pg_catalog.pg_attribute as a
                        on a.attrelid = c.conrelid and a.attnum = k.attnum
                    left join
                        pg_catalog.pg_attribute as o
                        on r.oid = o.attrelid and a.attname = o.attname and not o.attisdropped
                    where c.conrelid = r.source and c.contype = 'p'
                    having bool_and(
                        coalesce(
                            has_column_privilege('mcp_sandbox', o.attrelid, o.attnum, 'select'),
                            false
                        )
                    )
                ),
                (
                    select coalesce(array_agg(j.condition order by j.condition), '{}')
                    from (
                        select
                            string_agg(
                                format(
                                    '%s.%s = %s.%s',
                                    one.table_name, a.attname, other.table_name, b.attname
                                ),
                                ' and ' order by k.position
                            ) as condition
                        from pg_catalog.pg_constraint as c
                        inner join readable as one on one.source = c.conrelid
                        inner join readable as other on other.source = c.confrelid
                        cross join
                            unnest(c.conkey, c.confkey) with ordinality
                                as k (mine, theirs, position)
                        inner join
                            pg_catalog.pg_attribute as a
                            on a.attrelid = c.conrelid and a.attnum = k.mine
                        inner join
                            pg_catalog.pg_attribute as b
                            on b.attrelid = c.confrelid and b.attnum = k.theirs
                        left join
                            pg_catalog.pg_attribute as v
                            on one.oid = v.attrelid and a.attname = v.attname
                        left join
                            pg_catalog.pg_attribute as w
                            on other.oid = w.attrelid and b.attname = w.attname
                        where c.contype = 'f' and r.oid in (one.oid, other.oid)
                        group by c.oid, one.oid, other.oid
                        having
                            bool_and(
                                coalesce(
                                    has_column_privilege(
                                        'mcp_sandbox', v.attrelid, v.attnum, 'select'
                                    )
                                    and has_column_privilege(
                                        'mcp_sandbox', w.attrelid, w.attnum, 'select'
                                    ),
                                    false
                                )
                            )
                    ) as j
                ),
                mcp_tool.enum_labels(r.oid)
                || coalesce(table_schemas.valid_values -> r.table_name, '{}'),
                mcp_catalog.terms_of(r.oid)
            )::mcp_tool.table_schema as schema
        from readable as r
        where
            table_schemas.table_names is null
            or exists (
                select
                from unnest(table_schemas.table_names) as a (asked)
                where lower(replace(btrim(a.asked), '"', '')) in (r.plain_name, r.bare_name)
            )
    )

    select
        row(
            coalesce((select array_agg(d.schema order by d.table_name) from described as d), '{}'),
            coalesce((select array_agg(u.asked order by u.asked) from unknown as u), '{}'),
            case
                when exists (select from unknown)
                    then (select array_agg(r.table_name order by r.table_name) from readable as r)
                else '{}'
            end
        )::mcp_tool.table_schemas;
end;

comment on function mcp_tool.table_schemas(name, text[], jsonb) is $comment$
Describe the tables of a schema that mcp_sandbox may read, for the caller who writes a query: columns, keys, joins,
valid values and the words of the vocabulary about them, as far as mcp_sandbox may read the columns. Tables of which
the caller may see no row by the policies are omitted.

@param schema        Name of a schema.
@param table_names   Names of tables, with or without their schema; null gives all.
@param valid_values  {"schema.table": {column: [values]}}, beside the labels of enums.
@returns The tables, and for names that are not among them the valid ones.
$comment$;

alter function mcp_tool.table_schemas(name, text[], jsonb) owner to mcp_core;
revoke all on function mcp_tool.table_schemas(name, text[], jsonb) from public;
grant execute on function mcp_tool.table_schemas(name, text[], jsonb) to mcp_tools;
