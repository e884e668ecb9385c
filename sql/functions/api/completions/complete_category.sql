create or replace function api.complete_category()
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select c.name::text
    from retail.categories as c
    order by c.name;
end;

comment on function api.complete_category() is $comment$
Names of the categories.

@returns One row a category.
@completes restock_plan.category find_products_for.category
$comment$;

alter function api.complete_category() owner to mcp_tools;
revoke all on function api.complete_category() from public;
grant execute on function api.complete_category()
to mcp_core, store_managers, regional_managers, head_office;
