create or replace function mcp_auth.begin_request(
    credential text,
    action text default '/authenticate',
    signed text default '{}',
    request_id text default ''
)
returns mcp_auth.identity
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity mcp_auth.identity := mcp_auth.identify(credential, action, signed, request_id);
    v_done text;
begin
    -- an assignment costs a tenth of a statement
    v_done := mcp_auth.set_context(v_identity);
    return v_identity;
end
$$;

comment on function mcp_auth.begin_request(text, text, text, text) is $comment$
Verify a credential and write the signed context for this transaction.

@param credential  An API key, an assertion or a ticket, as mcp_auth.identify takes it.
@param action      What the caller does; an assertion is for one action, an API key for all.
@param signed      Text of the arguments, to which an assertion is bound.
@param request_id  Id of the request, to which an assertion is bound.
@returns The identity.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
$comment$;

alter function mcp_auth.begin_request(text, text, text, text) owner to mcp_core;
revoke all on function mcp_auth.begin_request(text, text, text, text) from public;
