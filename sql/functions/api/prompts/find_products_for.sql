create or replace function api.find_products_for(
    project retail.search_text,
    category text default null
)
returns setof mcp_tool.prompt_message
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        m.role,
        m.content
    from
        mcp_tool.message(
            'user',
            mcp_tool.text(
                'A customer plans this: ' || find_products_for.project || '

List what it takes, tools and materials apart. For each, call search_products_by_description with a
description of what it is for'
                || coalesce(', in the category ' || find_products_for.category, '')
                || '. Offer only products that it found, with SKU, price and the stock of the
store, and say which of them are out of stock and what could take their place. The categories are: '
                || (
                    select coalesce(string_agg(c.name, ', ' order by c.name), 'none')
                    from retail.categories as c
                )
                || '.'
            )
        ) as m;
end;

comment on function api.find_products_for(retail.search_text, text) is $comment$
Find the products for a customer's project, with their stock.

@param project   What the customer wants to build, repair or paint, up to 500 characters.
@param category  Name of a category to look in; without it all.
@returns The task.
@prompt title="Find products for a project"
$comment$;

alter function api.find_products_for(retail.search_text, text) owner to mcp_tools;
revoke all on function api.find_products_for(retail.search_text, text) from public;
grant execute on function api.find_products_for(retail.search_text, text)
to mcp_core, store_managers, regional_managers, head_office;
