create or replace function mcp_catalog.read_state(
    identity mcp_auth.identity,
    action text,
    arguments jsonb,
    state text
)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_body text := split_part(state, '.', 1);
    v_state jsonb;
begin
    if state is null then
        return '{}';
    end if;
    -- the text itself is compared, since two texts can be the same bytes in base64
    if state = v_body || '.' || mcp_catalog.seal_state(identity, action, arguments, v_body) then
        v_state := convert_from(decode(v_body, 'base64'), 'UTF8')::jsonb;
    end if;
    if v_state is null or to_timestamp((v_state ->> 'until')::numeric) < statement_timestamp() then
        raise invalid_parameter_value using
            message = 'the state of the questions was changed, is too old, or belongs to another call',
            hint = 'Send the call again without it: the questions are asked again.',
            constraint = 'request_state';
    end if;
    return v_state;
end
$$;

comment on function mcp_catalog.read_state(mcp_auth.identity, text, jsonb, text) is $comment$
Return the state that mcp_catalog.write_state wrote.

@param identity   Who calls.
@param action     The tool or prompt.
@param arguments  What the client sent.
@param state      What the client sent back; null none.
@returns {"asked", "answers", "kept", "until"}; {} for none.
@error VALIDATION_ERROR It was altered, is older than 10 minutes, or was given to another user, for another tool or
other arguments; the constraint is request_state.
$comment$;

alter function mcp_catalog.read_state(mcp_auth.identity, text, jsonb, text) owner to mcp_core;
revoke all on function mcp_catalog.read_state(mcp_auth.identity, text, jsonb, text) from public;
