create or replace function mcp_auth.set_signing_key(purpose text, key bytea)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_block bytea := key || decode(repeat('00', 32), 'hex');
begin
    if octet_length(key) is distinct from 32 then
        raise invalid_parameter_value using
            message = 'a signing key has 32 bytes',
            hint = 'mcp_auth.rotate_signing_key(purpose) creates one.';
    end if;
    insert into mcp_auth.signing_keys as k (purpose, inner_key, outer_key)
    select
        set_signing_key.purpose,
        string_agg(set_byte('\x00', 0, get_byte(v_block, n) # 54), ''::bytea order by n),
        string_agg(set_byte('\x00', 0, get_byte(v_block, n) # 92), ''::bytea order by n)
    from generate_series(0, 63) as n
    on conflict on constraint signing_keys_pkey do update
    set inner_key = excluded.inner_key, outer_key = excluded.outer_key, created_at = now();
end
$$;

comment on function mcp_auth.set_signing_key(text, bytea) is $comment$
Replace a key of HMAC-SHA256, stored as the two padded blocks that RFC 2104 hashes first.

@param purpose  What is signed with it: context, ticket, assertion, assertion_previous, call_log or mask.
@param key      32 random bytes.
@error VALIDATION_ERROR The key has not 32 bytes.
@error VALIDATION_ERROR Nothing is signed for this purpose.
$comment$;

alter function mcp_auth.set_signing_key(text, bytea) owner to mcp_core;
revoke all on function mcp_auth.set_signing_key(text, bytea) from public;
