create or replace function mcp_auth.identify(
    credential text,
    action text default '/authenticate',
    signed text default '{}',
    request_id text default ''
)
returns mcp_auth.identity
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_assertion boolean;
    -- of a token, verified; null for an API key
    v_claims jsonb;
    v_user_id uuid;
    v_identity mcp_auth.identity;
begin
    -- a ticket gets no other ticket
    if starts_with(credential, 'ticket_') and action <> '/authenticate' then
        return mcp_auth.read_ticket(credential);
    end if;
    v_is_assertion := coalesce(starts_with(credential, 'assert_'), false);
    if v_is_assertion then
        v_claims := mcp_auth.assertion_claims(credential, action, signed, request_id);
        select u.user_id into v_user_id
        from mcp_auth.users as u
        where u.external_id = v_claims ->> 'sub';
    else
        v_user_id := mcp_auth.api_key_owner(credential);
    end if;
    v_identity := mcp_auth.identity_of(
        v_user_id, case when v_is_assertion then 'oauth' else split_part(credential, '_', 2) end, v_claims
    );
    if v_identity.user_id is not null
        and not exists (select from pg_roles as r where r.rolname = v_identity.audience)
    then
        raise log using message = format('role %I, the audience of user %s, does not exist', v_identity.audience, v_user_id);
        v_identity := null;
    end if;
    -- one message for malformed, unknown, forged, expired, revoked and not active, here and where it is verified
    if v_identity.user_id is null then
        raise invalid_authorization_specification using
            message = 'invalid credential',
            hint = 'Ask for a new API key.';
    end if;
    return v_identity;
end
$$;

comment on function mcp_auth.identify(text, text, text, text) is $comment$
Verify a credential, and return its owner with the current scope. For a ticket, the scope is that of its creation.

@param credential  An API key "zava_<id>_<secret>", an assertion as mcp_auth.assertion_claims takes it, or a ticket, for
another action than /authenticate.
@param action      What the caller does; an assertion is for one action, an API key for all.
@param signed      Text of the arguments, to which an assertion is bound.
@param request_id  Id of the request, to which an assertion is bound.
@returns The identity.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive
or of an audience whose role does not exist, which the log of PostgreSQL tells.
$comment$;

alter function mcp_auth.identify(text, text, text, text) owner to mcp_core;
revoke all on function mcp_auth.identify(text, text, text, text) from public;
