create or replace function mcp_auth.claim(name text)
returns text
language sql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select (mcp_auth.context()).claims ->> claim.name;
end;

comment on function mcp_auth.claim(text) is $comment$
Return a claim of the caller, for policies: using (region = (select mcp_auth.claim('region'))).

@param name  Name of the claim: a key of mcp_auth.users.claims, or a claim of the access token that the setting
kept_claims names.
@returns The text of a string, else its JSON; null where the caller has no such claim, and without a context.
@error AUTHORIZATION_ERROR The request context was tampered with.
$comment$;

alter function mcp_auth.claim(text) owner to mcp_core;
revoke all on function mcp_auth.claim(text) from public;
grant execute on function mcp_auth.claim(text) to mcp_tools, mcp_sandbox;
