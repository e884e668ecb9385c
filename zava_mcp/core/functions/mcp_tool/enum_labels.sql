create or replace function mcp_tool.enum_labels(relation oid)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(jsonb_object_agg(v.column_name, v.labels), '{}')
    from (
        select
            a.attname::text as column_name,
            jsonb_agg(e.enumlabel order by e.enumsortorder) as labels
        from pg_catalog.pg_attribute as a
        inner join pg_catalog.pg_enum as e on a.atttypid = e.enumtypid
        where
            a.attrelid = enum_labels.relation
            and a.attnum > 0
            and has_column_privilege('mcp_sandbox', a.attrelid, a.attnum, 'select')
        group by a.attname
    ) as v;
end;

comment on function mcp_tool.enum_labels(oid) is $comment$
Return the values of the enum columns of a table, of those that mcp_sandbox may read.

@param relation  The table.
@returns {column: [labels]}.
$comment$;

alter function mcp_tool.enum_labels(oid) owner to mcp_core;
revoke all on function mcp_tool.enum_labels(oid) from public;
grant execute on function mcp_tool.enum_labels(oid) to mcp_tools;
