create or replace function mcp_auth.sign(purpose text, payload text)
returns text
language sql
stable
strict
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        encode(
            sha256(k.outer_key || sha256(k.inner_key || convert_to(sign.payload, 'UTF8'))), 'hex'
        )
    from mcp_auth.signing_keys as k
    where k.purpose = sign.purpose;
end;

comment on function mcp_auth.sign(text, text) is $comment$
Return the HMAC-SHA256 (RFC 2104) of a text with a key that never leaves the database.

@param purpose  Which signing key.
@param payload  What to sign.
@returns 64 hexadecimal digits; null for an unknown purpose.
$comment$;

alter function mcp_auth.sign(text, text) owner to mcp_core;
revoke all on function mcp_auth.sign(text, text) from public;
