create or replace function retail.named_stores(store text)
returns uuid []
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_stores uuid[];
begin
    if store is null then
        return retail.get_user_store_list();
    end if;
    v_stores := array(
        select s.store_id
        from retail.stores as s
        where lower(s.name) = lower(btrim(store))
    );
    if v_stores = '{}' then
        -- the same for a store that does not exist
        perform mcp_tool.invalid('store', 'the name of a store that you may see');
    end if;
    return v_stores;
end
$$;

comment on function retail.named_stores(text) is $comment$
Return the stores that a question is about.

@param store  Name of a store; null all that the caller may see.
@returns Ids of stores in the caller's scope.
@error VALIDATION_ERROR It is outside the caller's scope.
$comment$;

alter function retail.named_stores(text) owner to mcp_tools;
revoke all on function retail.named_stores(text) from public;
grant execute on function retail.named_stores(text)
to mcp_tools;
