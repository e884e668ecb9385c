-- Of an API key only the public part is checked, and not whether it was revoked.
select attack.weaken(
    'mcp_auth.api_key_owner(text)', '= sha256(v_nonce || sha256(convert_to(coalesce(v_part[3], ''''), ''UTF8'')))', 'is not null'
);
select attack.weaken('mcp_auth.api_key_owner(text)', 'and v_key.revoked_at is null', '');
