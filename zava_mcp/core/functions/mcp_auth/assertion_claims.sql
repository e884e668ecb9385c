create or replace function mcp_auth.assertion_claims(
    credential text,
    action text,
    signed text,
    request_id text
)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_part text[] := string_to_array(credential, '_');
    v_last integer := cardinality(v_part);
    v_fault text;
    v_nonce bytea := uuid_send(gen_random_uuid());
    v_signed text := array_to_string(v_part[1:v_last - 1], '_')
        || '|' || encode(sha256(convert_to(signed, 'UTF8')), 'hex')
        || '|' || request_id
        || '|' || action;
begin
    -- a bar in the request id would let the signed text be read as that of another action
    if v_last is null or v_last not in (4, 5) or strpos(request_id, '|') > 0 or not coalesce((
        select bool_or(
            -- hashed with a number that nobody knows, so that the time tells nothing of the signature
            sha256(v_nonce || convert_to(mcp_auth.sign(p.purpose, v_signed), 'UTF8'))
            = sha256(v_nonce || convert_to(v_part[v_last], 'UTF8'))
        )
        from unnest(array['assertion', 'assertion_previous']) as p (purpose)
    ), false) then
        v_fault := 'assertion_signature';
    elsif to_timestamp(v_part[3]::bigint) <= statement_timestamp()
        or to_timestamp(v_part[3]::bigint) > statement_timestamp() + interval '30 seconds'
    then
        v_fault := 'assertion_time';
    end if;
    if v_fault is not null then
        raise invalid_authorization_specification using
            message = 'invalid credential',
            hint = 'Ask for a new API key.',
            constraint = v_fault;
    end if;
    return case v_last when 5 then convert_from(decode(v_part[4], 'hex'), 'UTF8')::jsonb else '{}' end
        || jsonb_build_object('sub', convert_from(decode(v_part[2], 'hex'), 'UTF8'));
end
$$;

comment on function mcp_auth.assertion_claims(text, text, text, text) is $comment$
Return the claims of a caller's access token, which the server has verified for this one action.

@param credential  "assert_<subject>_<expiry, unix seconds>_<claims>_<signature>": subject and claims in hex of their UTF-8, the
claims a JSON object that may be left out with its underscore; the signature is the HMAC-SHA256, in hex, of all before its
underscore, the SHA-256 of the signed text in hex, the request id and the action, with a bar between them.
@param action      What the caller does: the name of a tool, or the path of another entry point.
@param signed      Text of the arguments, as it came.
@param request_id  Id of the request.
@returns The claims, "sub" the subject.
@error AUTHORIZATION_ERROR The signature is of anything else, or the expiry is past or more than 30 seconds away: the message is
that of every bad credential, and the constraint tells the server which.
$comment$;

alter function mcp_auth.assertion_claims(text, text, text, text) owner to mcp_core;
revoke all on function mcp_auth.assertion_claims(text, text, text, text) from public;
