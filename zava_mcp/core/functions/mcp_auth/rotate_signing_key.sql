create or replace function mcp_auth.rotate_signing_key(purpose text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- two random uuids carry 244 random bits; hashing spreads them over the whole key
    v_key bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
begin
    if not coalesce(purpose in ('context', 'ticket', 'assertion'), false) then
        raise invalid_parameter_value using
            message = format('no key for %s is rotated', coalesce(quote_literal(purpose), 'null')),
            hint = 'The purposes are context, ticket and assertion.';
    end if;
    if purpose = 'assertion' then
        delete from mcp_auth.signing_keys as k where k.purpose = 'assertion_previous';
        update mcp_auth.signing_keys as k
        set purpose = 'assertion_previous'
        where k.purpose = 'assertion';
    end if;
    perform mcp_auth.set_signing_key(purpose, v_key);
    -- the others never leave the database
    return case purpose when 'assertion' then encode(v_key, 'hex') end;
end
$$;

comment on function mcp_auth.rotate_signing_key(text) is $comment$
Replace a signing key by a new one.

assertion: what the shim signs for callers it has verified itself. The key before stays good until the next rotation,
so that running shims go on until they have the new one; rotate twice to end it at once. context: what binds a call's
identity to its transaction. A call that runs at this moment may fail once. ticket: what stands for a credential in
reads, for a second. Those of the old key are refused, and the credential is sent again.

@param purpose  context, ticket or assertion.
@returns For assertion the key, 64 hexadecimal digits, to be set as ZAVA_ASSERTION_KEY: this is the one chance to read it. For the others null.
@error VALIDATION_ERROR It is another purpose.
$comment$;

alter function mcp_auth.rotate_signing_key(text) owner to mcp_core;
revoke all on function mcp_auth.rotate_signing_key(text) from public;
