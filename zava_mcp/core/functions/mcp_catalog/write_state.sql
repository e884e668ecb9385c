create or replace function mcp_catalog.write_state(
    identity mcp_auth.identity,
    action text,
    arguments jsonb,
    state jsonb
)
returns text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_state jsonb := state || jsonb_build_object(
        'until', extract(epoch from statement_timestamp() + interval '10 minutes')
    );
    v_body text := mcp_tool.base64(convert_to(v_state::text, 'UTF8'));
    v_room integer;
begin
    if length(v_body) > 80000 then
        v_room := 60002 - octet_length((v_state || '{"answers": {}}')::text);
        if v_room >= 2 then
            -- the client's part is too long, not the tool's
            perform mcp_tool.invalid('request.answers', format('an object of at most %s bytes', v_room));
        end if;
        raise program_limit_exceeded using
            message = 'the answers and the saved value are longer than 60 kB';
    end if;
    return v_body || '.' || mcp_catalog.seal_state(identity, action, arguments, v_body);
end
$$;

comment on function mcp_catalog.write_state(mcp_auth.identity, text, jsonb, jsonb) is $comment$
Return what a client carries from one round of questions to the next: signed, so that it cannot be changed, and not
hidden.

@param identity   Who calls.
@param action     The tool or prompt.
@param arguments  What the client sent.
@param state      {"asked": {key: {"method", "schema"}}, "answers": {key: answer}, "kept"}.
@returns Base64, a dot and a seal; good for 10 minutes.
@error VALIDATION_ERROR The answers are too long.
@error VALIDATION_ERROR What is kept is too long.
$comment$;

alter function mcp_catalog.write_state(mcp_auth.identity, text, jsonb, jsonb) owner to mcp_core;
revoke all on function mcp_catalog.write_state(mcp_auth.identity, text, jsonb, jsonb) from public;
