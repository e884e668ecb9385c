create or replace function mcp_auth.remove_audience(audience name)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from mcp_auth.api_keys as k
    using mcp_auth.users as u
    where k.user_id = u.user_id and u.audience = remove_audience.audience;
    delete from mcp_auth.users as u where u.audience = remove_audience.audience;
    delete from mcp_auth.claim_rules as r where r.audience = remove_audience.audience;
    delete from mcp_auth.limits as l where l.audience = remove_audience.audience;
    delete from mcp_auth.audiences as a where a.audience = remove_audience.audience;
end
$$;

comment on function mcp_auth.remove_audience(name) is $comment$
Remove an audience with its users, their keys and its claim rules. The role stays, since other databases may use it.

@param audience  Name of the role.
$comment$;

alter function mcp_auth.remove_audience(name) owner to mcp_core;
revoke all on function mcp_auth.remove_audience(name) from public;
