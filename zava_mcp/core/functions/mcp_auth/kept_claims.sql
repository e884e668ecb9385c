create or replace function mcp_auth.kept_claims(claims jsonb)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(jsonb_object_agg(c.key, c.value), '{}')
    from jsonb_each(kept_claims.claims) as c
    inner join mcp_catalog.settings as s on s.name = 'kept_claims' and s.value ? c.key;
end;

comment on function mcp_auth.kept_claims(jsonb) is $comment$
Return the claims of an access token that the setting kept_claims names. The request context has them, policies may
read them, and cached answers depend on them.

@param claims  The claims of a token; null for a caller without one.
@returns The part that is kept; {} for nothing.
$comment$;

alter function mcp_auth.kept_claims(jsonb) owner to mcp_core;
revoke all on function mcp_auth.kept_claims(jsonb) from public;
