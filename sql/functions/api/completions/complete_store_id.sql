create or replace function api.complete_store_id(value text)
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select s.store_id::text
    from retail.stores as s
    where
        starts_with(s.store_id::text, lower(complete_store_id.value))
        or strpos(lower(s.name), lower(complete_store_id.value)) > 0
    order by s.name;
end;

comment on function api.complete_store_id(text) is $comment$
Ids of the stores you may see, found by their beginning or by a part of the store's name.

@param value  What was typed so far.
@returns One row a store, by name.
@completes store_report.store_id
$comment$;

alter function api.complete_store_id(text) owner to mcp_tools;
revoke all on function api.complete_store_id(text) from public;
grant execute on function api.complete_store_id(text)
to mcp_core, store_managers, regional_managers, head_office;
