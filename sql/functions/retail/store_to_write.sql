create or replace function retail.store_to_write(store_id uuid)
returns uuid
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_stores uuid[] := retail.get_user_store_list();
begin
    if store_id is null and cardinality(v_stores) <> 1 then
        perform mcp_tool.invalid('store_id', 'one of the stores that list_stores shows');
    elsif store_id <> all (v_stores) then
        -- the same for a store that does not exist
        perform mcp_tool.not_allowed('list_stores shows the stores you may see.');
    end if;
    return coalesce(store_id, v_stores[1]);
end
$$;

comment on function retail.store_to_write(uuid) is $comment$
Return the store in which a tool is to write.

@param store_id  Store that the caller named; null takes the only one in the caller's scope.
@returns The store.
@error VALIDATION_ERROR None was named, and there are several.
@error AUTHORIZATION_ERROR The store is not in the caller's scope.
$comment$;

alter function retail.store_to_write(uuid) owner to mcp_tools;
revoke all on function retail.store_to_write(uuid) from public;
