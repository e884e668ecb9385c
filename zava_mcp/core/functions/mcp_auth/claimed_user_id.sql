create or replace function mcp_auth.claimed_user_id(issuer text, subject text)
returns uuid
language sql
immutable
strict
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    -- the length parts the two; the version is 8, RFC 9562's for what an application makes
    select
        overlay(
            encode(
                substr(
                    sha256(
                        convert_to(
                            format('%s %s %s', length(claimed_user_id.issuer), issuer, subject),
                            'UTF8'
                        )
                    ),
                    1, 16
                ),
                'hex'
            )
            placing '8' from 13 for 1
        )::uuid;
end;

comment on function mcp_auth.claimed_user_id(text, text) is $comment$
Return the id of a caller admitted by a claim rule. It never changes, and is used like a registered user's id in the
call log, limits and cursors.

@param issuer   The claim "iss".
@param subject  The claim "sub".
@returns The id.
$comment$;

alter function mcp_auth.claimed_user_id(text, text) owner to mcp_core;
revoke all on function mcp_auth.claimed_user_id(text, text) from public;
