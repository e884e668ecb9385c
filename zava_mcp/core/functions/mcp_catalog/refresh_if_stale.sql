create or replace function mcp_catalog.refresh_if_stale()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if (select c.is_stale from mcp_catalog.catalog_state as c) then
        perform mcp_catalog.refresh_catalog();
    end if;
    return null;
end
$$;

comment on function mcp_catalog.refresh_if_stale() is $comment$
Refresh the catalogue once, at the commit of a transaction whose DDL marked it stale.
$comment$;

alter function mcp_catalog.refresh_if_stale() owner to mcp_core;
revoke all on function mcp_catalog.refresh_if_stale() from public;

-- one that was dropped could not fire at the commit for what waits: this keeps it, as written again
do $$
begin
    if exists (
        select
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'mcp_catalog.catalog_state'::regclass and t.tgname = 'catalog_state_refresh'
    ) then
        alter trigger catalog_state_refresh on mcp_catalog.catalog_state rename to catalog_state_kept;
        alter trigger catalog_state_kept on mcp_catalog.catalog_state rename to catalog_state_refresh;
    else
        create constraint trigger catalog_state_refresh
        after update on mcp_catalog.catalog_state
        deferrable initially deferred
        for each row when (new.is_stale)
        execute function mcp_catalog.refresh_if_stale();
    end if;
end
$$;
comment on trigger catalog_state_refresh on mcp_catalog.catalog_state is
'Refreshes the catalogue at the commit, when DDL marked it stale.';
