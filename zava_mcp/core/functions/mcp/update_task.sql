create or replace function mcp.update_task(
    credential text,
    task_id text,
    responses jsonb,
    extensions jsonb default '{"io.modelcontextprotocol/tasks": {}}',
    signed text default null,
    request_id text default ''
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task mcp_log.tasks := mcp_log.own_task(
        mcp_auth.identify(credential, '/update_task', coalesce(signed, task_id), request_id), task_id, '2026-07-28', extensions
    );
    v_key text;
    v_open jsonb;
begin
    if jsonb_typeof(responses) is distinct from 'object' then
        perform mcp_tool.invalid('inputResponses', 'an object');
    end if;
    perform mcp_auth.use_once(credential);
    -- two answers at once follow one another
    select t.* into v_task
    from mcp_log.tasks as t
    where t.task_id = v_task.task_id
    for update;
    for v_key in
        -- what is not asked, or not any more, is skipped
        select k.key
        from jsonb_object_keys(v_task.questions) as k (key)
        where responses ? k.key
    loop
        if not mcp_catalog.answer_is_valid(responses -> v_key, v_task.answers -> 'asked' -> v_key) then
            perform mcp_tool.invalid('inputResponses.' || v_key, 'an answer to what was asked');
        end if;
    end loop;
    v_open := v_task.questions - array(select k.key from jsonb_object_keys(responses) as k (key));
    if v_open is distinct from v_task.questions then
        update mcp_log.tasks as t
        set
            state = case when v_open = '{}' then 'queued' else t.state end,
            questions = nullif(v_open, '{}'),
            answers = t.answers || jsonb_build_object(
                'answers',
                coalesce(t.answers -> 'answers', '{}') || (
                    select jsonb_object_agg(r.key, r.value)
                    from jsonb_each(responses) as r
                    where v_task.questions ? r.key
                )
            ),
            updated_at = clock_timestamp()
        where t.task_id = v_task.task_id;
        perform pg_notify('mcp_task', '');
    end if;
    return '{}';
end
$$;

comment on function mcp.update_task(text, text, jsonb, jsonb, text, text) is $comment$
Take answers to what a task of the caller has asked. It goes on once all are there: the tool is called again, with them.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim for /update_task.
@param task_id     The task.
@param responses   {key: answer}; keys that are not asked are skipped.
@param extensions  What the client announced, by name of the extension.
@param signed      The text that an assertion is bound to; null: the task.
@param request_id  Id of the request, to which an assertion is bound.
@returns JSON text: {}.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error NOT_FOUND There is no such task of this caller in this scope; the constraint is unknown_task.
@error VALIDATION_ERROR An answer is none to what was asked, and nothing was taken; the column names it. Or the client
did not say that it knows tasks: the constraint is missing_tasks.
$comment$;

alter function mcp.update_task(text, text, jsonb, jsonb, text, text) owner to mcp_core;
revoke all on function mcp.update_task(text, text, jsonb, jsonb, text, text) from public;
grant execute on function mcp.update_task(text, text, jsonb, jsonb, text, text) to mcp_server;
