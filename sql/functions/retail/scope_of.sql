create or replace function retail.scope_of(audience name, granted text[])
returns text[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(array_agg(s.store_id::text order by s.store_id), '{}')
    from retail.stores as s
    where
        scope_of.audience = 'head_office'
        or (scope_of.audience = 'regional_managers' and s.region_id::text = any(scope_of.granted))
        or (scope_of.audience = 'store_managers' and s.store_id::text = any(scope_of.granted));
end;

comment on function retail.scope_of(name, text[]) is $comment$
Return the stores a user may see today: head office every store, regional managers the stores of the regions they were
granted, store managers the stores they were granted. A store opened today counts.

@param audience  The user's audience.
@param granted   What the user was granted: region ids or store ids.
@returns Store ids; empty for an audience that is none of the three.
$comment$;

alter function retail.scope_of(name, text[]) owner to zava_owner;
revoke all on function retail.scope_of(name, text[]) from public;
grant execute on function retail.scope_of(name, text[]) to mcp_core;

select mcp_catalog.register_hook('scope', 'retail.scope_of(name, text[])');
