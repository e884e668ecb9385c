create or replace function auth.begin_request(credential text)
returns auth.identity
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity auth.identity := auth.identify(credential);
begin
    perform auth.set_context(v_identity);
    return v_identity;
end
$$;

comment on function auth.begin_request(text) is $comment$
Verify a credential and write the signed context for this transaction.

@param credential  An API key "zava_<id>_<secret>".
@returns The identity.
@error 28000 The key is malformed, unknown, expired or revoked, or its user is not active.
$comment$;

alter function auth.begin_request(text) owner to zava_auth;
revoke all on function auth.begin_request(text) from public;
