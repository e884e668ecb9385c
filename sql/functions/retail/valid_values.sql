create or replace function retail.valid_values()
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(jsonb_object_agg(v.table_name, jsonb_build_object('name', v.names)), '{}')
    from (
        select
            n.table_name,
            jsonb_agg(n.name order by n.name) as names
        from (
            select
                'retail.stores' as table_name,
                s.name
            from retail.stores as s
            union all
            select
                'retail.regions' as table_name,
                r.name
            from retail.regions as r
            union all
            select
                'retail.categories' as table_name,
                c.name
            from retail.categories as c
            union all
            select
                'retail.product_types' as table_name,
                t.name
            from retail.product_types as t
        ) as n
        group by n.table_name
    ) as v;
end;

comment on function retail.valid_values() is $comment$
Return the names that occur in the rows the caller may see, of stores, regions, categories and product types.

@returns {"retail.stores": {"name": [names]}, ...}.
$comment$;

alter function retail.valid_values() owner to mcp_tools;
revoke all on function retail.valid_values() from public;
