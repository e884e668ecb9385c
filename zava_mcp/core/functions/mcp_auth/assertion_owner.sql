create or replace function mcp_auth.assertion_owner(
    credential text,
    action text,
    arguments jsonb,
    request_id text
)
returns uuid
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_part text[] := string_to_array(credential, '_');
    v_nonce bytea := uuid_send(gen_random_uuid());
    v_signed text := array_to_string(v_part[1:3], '_')
        || '|' || encode(sha256(convert_to(arguments::text, 'UTF8')), 'hex')
        || '|' || request_id
        || '|' || action;
begin
    -- a bar in the request id would let the signed text be read as that of another action
    if cardinality(v_part) is distinct from 4 or strpos(request_id, '|') > 0 or not coalesce((
        select bool_or(
            -- hashed with a number that nobody knows, so that the time tells nothing of the signature
            sha256(v_nonce || convert_to(mcp_auth.sign(p.purpose, v_signed), 'UTF8'))
            = sha256(v_nonce || convert_to(v_part[4], 'UTF8'))
        )
        from unnest(array['assertion', 'assertion_previous']) as p (purpose)
    ), false) then
        return null;
    end if;
    return (
        select u.user_id
        from mcp_auth.users as u
        where u.external_id = convert_from(decode(v_part[2], 'hex'), 'UTF8')
            and to_timestamp(v_part[3]::bigint) > statement_timestamp()
            and to_timestamp(v_part[3]::bigint) <= statement_timestamp() + interval '30 seconds'
    );
end
$$;

comment on function mcp_auth.assertion_owner(text, text, jsonb, text) is $comment$
Whom the shim asserts to have verified, for this one action.

@param credential  "assert_<subject, UTF-8 in hex>_<expiry, unix seconds>_<signature>": the HMAC-SHA256, in hex, of
all before its last underscore, the SHA-256 of the arguments in hex, the request id and the action, with a bar between them.
@param action      What the caller does: the name of a tool, or the path of another entry point.
@param arguments   Arguments of the tool; hashed as the text that PostgreSQL prints.
@param request_id  Id of the request.
@returns The user whose external id is the subject; null when the signature is of anything else, the expiry is past or
more than 30 seconds away, or the subject is unknown.
$comment$;

alter function mcp_auth.assertion_owner(text, text, jsonb, text) owner to mcp_core;
revoke all on function mcp_auth.assertion_owner(text, text, jsonb, text) from public;
