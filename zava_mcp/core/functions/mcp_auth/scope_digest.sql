create or replace function mcp_auth.scope_digest(identity mcp_auth.identity)
returns bytea
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        sha256(convert_to(jsonb_build_array(
            (scope_digest.identity).audience,
            (
                select array_agg(s.id order by s.id)
                from unnest((scope_digest.identity).scope) as s (id)
            ),
            (scope_digest.identity).claims
        )::text, 'UTF8'));
end;

comment on function mcp_auth.scope_digest(mcp_auth.identity) is $comment$
Return a digest of what decides which rows a caller sees: callers with the same digest see the same rows.

@param identity  Who calls.
@returns The SHA-256 of audience, scope and claims.
$comment$;

alter function mcp_auth.scope_digest(mcp_auth.identity) owner to mcp_core;
revoke all on function mcp_auth.scope_digest(mcp_auth.identity) from public;
