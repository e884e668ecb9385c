create or replace function api.complete_store_name()
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select s.name::text
    from retail.stores as s
    order by s.name;
end;

comment on function api.complete_store_name() is $comment$
Names of the stores you may see.

@returns One row a store.
@completes weekly_review.store restock_plan.store
$comment$;

alter function api.complete_store_name() owner to mcp_tools;
revoke all on function api.complete_store_name() from public;
grant execute on function api.complete_store_name()
to mcp_core, store_managers, regional_managers, head_office;
