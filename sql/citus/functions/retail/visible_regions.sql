create or replace function retail.visible_regions()
returns uuid[]
language plpgsql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
-- a policy calls it where the rows are: each node has all stores
set "citus.allow_nested_distributed_execution" = on
as $$
begin
    return array(
        select distinct s.region_id
        from retail.stores as s
        where s.store_id = any(retail.get_user_store_list())
    );
end
$$;

comment on function retail.visible_regions() is $comment$
The regions with a store that the caller may see, for the policy of retail.regions on a cluster, which takes no sub-select.

@returns Region ids; empty without a context.
@error AUTHORIZATION_ERROR The request context was tampered with.
$comment$;

alter function retail.visible_regions() owner to zava_owner;
revoke all on function retail.visible_regions() from public;
grant execute on function retail.visible_regions() to mcp_tools, mcp_sandbox;
