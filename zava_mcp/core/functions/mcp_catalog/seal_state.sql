create or replace function mcp_catalog.seal_state(
    identity mcp_auth.identity,
    action text,
    arguments jsonb,
    body text
)
returns text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        mcp_auth.sign(
            'state',
            jsonb_build_array(
                (seal_state.identity).user_id,
                (seal_state.identity).audience,
                seal_state.action,
                encode(sha256(convert_to(seal_state.arguments::text, 'UTF8')), 'hex'),
                seal_state.body
            )::text
        );
end;

comment on function mcp_catalog.seal_state(mcp_auth.identity, text, jsonb, text) is $comment$
Return the seal of what a client carries from one round of questions to the next: it holds for one user, one action
and its arguments.

@param identity   Who calls.
@param action     The tool or prompt.
@param arguments  What the client sent.
@param body       The state without its seal.
@returns 64 hexadecimal digits of an HMAC-SHA256.
$comment$;

alter function mcp_catalog.seal_state(mcp_auth.identity, text, jsonb, text) owner to mcp_core;
revoke all on function mcp_catalog.seal_state(mcp_auth.identity, text, jsonb, text) from public;
