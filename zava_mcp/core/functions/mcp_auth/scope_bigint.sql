create or replace function mcp_auth.scope_bigint()
returns bigint[]
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
    if pg_input_is_valid(v_scope::text, 'bigint[]') is not false then
        return v_scope::bigint[];
    end if;
    -- an id of another type matches no row, and its text stands in no error
    return array(
        select s.id::bigint
        from unnest(v_scope) as s (id)
        where pg_input_is_valid(s.id, 'bigint')
    );
end
$$;

comment on function mcp_auth.scope_bigint() is $comment$
Return the ids in the caller's scope that are each a bigint, for policies:
using (tenant_id = any((select mcp_auth.scope_bigint())::bigint[])).

@returns Ids; those that are not a bigint are left out. Null without a context, which matches nothing.
@error AUTHORIZATION_ERROR The request context was tampered with.
$comment$;

alter function mcp_auth.scope_bigint() owner to mcp_core;
revoke all on function mcp_auth.scope_bigint() from public;
grant execute on function mcp_auth.scope_bigint() to mcp_tools, mcp_sandbox;
