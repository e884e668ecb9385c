create or replace function mcp_tool.nearest_table(name text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    with readable as (
        select
            format('%I.%I', n.nspname, c.relname) as table_name,
            lower(c.relname) as bare_name
        from pg_catalog.pg_class as c
        inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
        where
            c.relkind in ('r', 'p', 'v')
            and not c.relispartition
            and n.nspname not in ('pg_catalog', 'information_schema')
            and has_any_column_privilege('mcp_sandbox', c.oid, 'select')
            and mcp_tool.may_see_rows(c.oid)
    ),

    asked as (
        select lower(regexp_replace(left(nearest_table.name, 200), '^.*\.', '')) as bare_name
    ),

    -- pairs of neighbouring letters that two names share, of those that they have
    compared as (
        select
            r.table_name,
            (
                2.0 * (
                    select count(*)
                    from (
                        select substr(' ' || r.bare_name, p.i, 2)
                        from generate_series(1, length(r.bare_name)) as p (i)
                        intersect
                        select substr(' ' || a.bare_name, p.i, 2)
                        from generate_series(1, length(a.bare_name)) as p (i)
                    ) as shared
                ) / nullif(length(r.bare_name) + length(a.bare_name), 0)
            ) as likeness
        from readable as r
        cross join asked as a
    )

    select c.table_name
    from compared as c
    where c.likeness >= 0.4
    order by c.likeness desc, c.table_name
    limit 1;
end;

comment on function mcp_tool.nearest_table(text) is $comment$
Find the table whose name is most like a name that does not exist, of those that a query of the caller may read.

@param name  The name, with or without a schema.
@returns schema.table; null when no name is similar.
$comment$;

alter function mcp_tool.nearest_table(text) owner to mcp_tools;
revoke all on function mcp_tool.nearest_table(text) from public;
grant execute on function mcp_tool.nearest_table(text) to mcp_sandbox;
