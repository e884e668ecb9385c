create or replace function mcp_catalog.take_answers(
    identity mcp_auth.identity,
    action text,
    arguments jsonb,
    request jsonb
)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_state jsonb := mcp_catalog.read_state(identity, action, arguments, request ->> 'state');
    v_answers jsonb;
begin
    select coalesce(v_state -> 'answers', '{}') || coalesce(jsonb_object_agg(a.key, a.value), '{}')
    into v_answers
    from jsonb_each(coalesce(request -> 'answers', '{}')) as a
    where (v_state = '{}' or v_state -> 'asked' ? a.key)
        and mcp_catalog.answer_is_valid(a.value, v_state -> 'asked' -> a.key);
    perform
        set_config('app.answers', v_answers::text, true),
        set_config('app.kept', coalesce(nullif(v_state -> 'kept', 'null')::text, ''), true),
        set_config('app.capabilities', coalesce((request -> 'capabilities')::text, ''), true);
end
$$;

comment on function mcp_catalog.take_answers(mcp_auth.identity, text, jsonb, jsonb) is $comment$
Lay out for mcp_tool.answer, mcp_tool.saved_state and mcp_tool.client_supports what came with a call: the answers of this round and those before.

@param identity   Who calls.
@param action     The tool or prompt.
@param arguments  What the client sent.
@param request    What came with the call beside its arguments.
@error VALIDATION_ERROR The state was altered, is too old, or of another call.
$comment$;

alter function mcp_catalog.take_answers(mcp_auth.identity, text, jsonb, jsonb) owner to mcp_core;
revoke all on function mcp_catalog.take_answers(mcp_auth.identity, text, jsonb, jsonb) from public;
