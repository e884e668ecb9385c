create or replace function retail.valid_values(relation oid)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with column_values as (
        select
            a.attname::text as column_name,
            jsonb_agg(e.enumlabel order by e.enumsortorder) as labels
        from pg_catalog.pg_attribute as a
        inner join pg_catalog.pg_enum as e on a.atttypid = e.enumtypid
        where a.attrelid = valid_values.relation and a.attnum > 0
        group by a.attname
        union all
        select
            'name' as column_name,
            jsonb_agg(n.name order by n.name) as labels
        from (
            select
                'retail.stores'::regclass as relation,
                s.name
            from retail.stores as s
            union all
            select
                'retail.regions'::regclass as relation,
                r.name
            from retail.regions as r
            union all
            select
                'retail.categories'::regclass as relation,
                c.name
            from retail.categories as c
            union all
            select
                'retail.product_types'::regclass as relation,
                t.name
            from retail.product_types as t
        ) as n
        where n.relation = valid_values.relation
        having count(*) > 0
    )

    select coalesce(jsonb_object_agg(v.column_name, v.labels), '{}')
    from column_values as v;
end;

comment on function retail.valid_values(oid) is $comment$
The values that columns of a table may have, or that occur in the rows the caller may see: labels of enums, and
names of stores, regions, categories and product types.

@param relation  The table.
@returns {column: [values]}.
$comment$;

alter function retail.valid_values(oid) owner to zava_tools;
revoke all on function retail.valid_values(oid) from public;
