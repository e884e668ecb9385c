create or replace function retail.stocked_products(stores uuid[])
returns uuid[]
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    return array(
        select distinct i.product_id
        from retail.inventory as i
        where i.store_id = any(stocked_products.stores) and i.stock_level > 0
    );
end
$$;

comment on function retail.stocked_products(uuid[]) is $comment$
The products that some stores have in stock.

@param stores  Store ids.
@returns Product ids; those of stores outside the caller's scope are left out.
$comment$;

alter function retail.stocked_products(uuid[]) owner to zava_owner;
revoke all on function retail.stocked_products(uuid[]) from public;
grant execute on function retail.stocked_products(uuid[]) to mcp_tools;
