create or replace function mcp_auth.scope_uuid()
returns uuid[]
language plpgsql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_scope text[] := (mcp_auth.context()).scope;
begin
    -- as a whole, which costs least; also the way of null
    if pg_input_is_valid(v_scope::text, 'uuid[]') is not false then
        return v_scope::uuid[];
    end if;
    -- an id of another type matches no row, and its text stands in no error
    return array(
        select s.id::uuid
        from unnest(v_scope) as s (id)
        where pg_input_is_valid(s.id, 'uuid')
    );
end
$$;

comment on function mcp_auth.scope_uuid() is $comment$
Return the ids in the caller's scope that are each a uuid, for policies:
using (tenant_id = any((select mcp_auth.scope_uuid())::uuid[])).

@returns Ids; those that are not a uuid are left out. Null without a context, which matches nothing.
@error AUTHORIZATION_ERROR The request context was tampered with.
$comment$;

alter function mcp_auth.scope_uuid() owner to mcp_core;
revoke all on function mcp_auth.scope_uuid() from public;
grant execute on function mcp_auth.scope_uuid() to mcp_tools, mcp_sandbox;
