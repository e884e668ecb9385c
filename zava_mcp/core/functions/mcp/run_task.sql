create or replace function mcp.run_task(task_id uuid, lease uuid)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task mcp_log.tasks;
    v_identity mcp_auth.identity;
    v_tool mcp_catalog.tools;
    v_request jsonb;
    v_format text;
    v_result jsonb;
    v_state jsonb;
    v_missing jsonb;
    v_shown text;
begin
    -- not locked while it runs: a cancellation does not wait
    select t.* into v_task
    from mcp_log.tasks as t
    where t.task_id = run_task.task_id and t.lease = run_task.lease;
    if not found then
        perform mcp_log.leased_task(task_id, lease);
    end if;
    v_identity := mcp_auth.resumed_identity(v_task.user_id, v_task.credential_id, v_task.claims);
    if mcp_auth.scope_digest(v_identity) <> v_task.scope_digest then
        raise serialization_failure using message = 'the scope of the caller has changed';
    end if;
    perform mcp_auth.set_context(v_identity);
    select t.* into v_tool
    from mcp_catalog.tools as t
    join pg_proc as f on f.oid = to_regprocedure(t.function) and f.proowner = t.owner
    where t.name = v_task.tool
        and has_function_privilege(v_identity.audience, f.oid, 'execute');
    if not found then
        raise undefined_function using
            message = format('unknown tool: %s', v_task.tool), constraint = 'unknown_tool';
    end if;
    if v_tool.exports is not null then
        v_format := mcp_catalog.export_format(v_tool, v_task.arguments);
        v_task.arguments := v_task.arguments - 'export';
    end if;
    perform mcp_catalog.check_arguments(v_tool.parameters, v_task.arguments);
    v_request := v_task.request || jsonb_build_object('request_id', v_task.task_id || '-' || v_task.attempts);
    perform
        set_config('app.answers', coalesce(v_task.answers -> 'answers', '{}')::text, true),
        set_config('app.kept', coalesce(nullif(v_task.answers -> 'kept', 'null')::text, ''), true),
        set_config('app.capabilities', coalesce((v_request -> 'capabilities')::text, ''), true),
        set_config('app.embedding_model', coalesce(v_request ->> 'embedding_model', ''), true),
        set_config('application_name', left('zava-mcp ' || v_task.task_id || ' ' || v_tool.name, 63), true);
    if not v_tool.is_read_only then
        perform mcp_log.lock_request(v_request ->> 'request_id');
    end if;
    if v_format is not null then
        return mcp_log.begin_export(v_identity, v_tool, v_task.arguments, v_request, v_format, task_id, lease);
    end if;
    v_result := mcp_catalog.run_tool(v_tool, v_task.arguments, coalesce(v_request -> 'embeddings', '{}'));
    perform mcp_auth.clear_context();
    if jsonb_typeof(v_result) = 'array' then
        v_result := mcp_catalog.shape_content(v_result, v_identity, v_tool.name, v_task.arguments);
    end if;

    if v_result ?& array['ask', 'state'] and v_result - array['ask', 'state'] = '{}' then
        perform mcp_log.leased_task(task_id, lease);
        select jsonb_object_agg(c.capability, '{}'::jsonb) into v_missing
        from (
            select distinct
                case q.value ->> 'method'
                    when 'elicitation/create' then 'elicitation'
                    when 'sampling/createMessage' then 'sampling'
                    else 'roots'
                end as capability
            from jsonb_each(v_result -> 'ask') as q
        ) as c
        where not mcp_tool.client_supports(c.capability);
        if v_missing is not null then
            perform mcp_log.end_task(
                task_id, 'failed', jsonb_build_object(
                    'code', -32021,
                    'message', format(
                        'This asks for %s, which your client does not offer.',
                        (select string_agg(k.key, ' and ' order by k.key) from jsonb_object_keys(v_missing) as k (key))
                    ),
                    'data', jsonb_build_object('requiredCapabilities', v_missing)
                )::text, true
            );
            return '{"code": "NO_ANSWER"}';
        end if;
        v_state := mcp_catalog.read_state(v_identity, v_tool.name, v_task.arguments, v_result ->> 'state');
        update mcp_log.tasks as t
        set
            state = 'input_required', questions = v_result -> 'ask', answers = v_state - 'until', lease = null,
            lease_until = null, attempts = 0, updated_at = clock_timestamp()
        where t.task_id = run_task.task_id;
        return '{"code": "INPUT_REQUIRED"}';
    end if;

    if not v_tool.is_read_only then
        perform mcp_log.log_write(v_identity, v_tool, v_task.arguments, v_request, v_result);
    end if;
    v_shown := mcp_catalog.finished_result(v_result, 'tools/call', v_task.revision);
    -- rows and values travel twice: as they are, and as text
    if not v_result ?& array['content', 'isError'] then
        v_shown := mcp_catalog.visible(v_result::text);
        v_shown := '{"content": [{"type": "text", "text": ' || to_json(v_shown) || '}], "structuredContent": '
            || v_shown || ', "isError": false}';
    end if;
    -- with what was written, or not at all
    perform mcp_log.leased_task(task_id, lease);
    perform mcp_log.end_task(task_id, 'completed', v_shown, coalesce((v_result ->> 'isError')::boolean, false));
    return jsonb_build_object(
        'code', 'OK', 'bytes', octet_length(v_shown),
        'rows', case v_tool.result_kind when 'set' then v_result -> 'row_count' end
    );
end
$$;

comment on function mcp.run_task(uuid, uuid) is $comment$
Run a task that mcp.claim_task gave, under its caller's context as it is now, and keep its result; nobody is given it here. What
the tool writes is committed with the result, and only while the lease holds: a run that was given up leaves nothing.

@param task_id  The task.
@param lease    What mcp.claim_task gave.
@returns {"code", "bytes", "rows"} for the log of calls: OK, INPUT_REQUIRED when it has asked, NO_ANSWER when its client cannot be
asked. Of a task that exports its result what mcp_log.begin_export gives: mcp.end_export then ends it.
@error CONFLICT The caller has as many exports as it may.
@error CONFLICT The task was cancelled, has expired, or another server has taken it: nothing was done.
@error AUTHORIZATION_ERROR The caller may not call any more. 42883 The caller has no such tool any more.
@error CONFLICT The caller's scope has changed since the task was claimed.
$comment$;

alter function mcp.run_task(uuid, uuid) owner to mcp_core;
revoke all on function mcp.run_task(uuid, uuid) from public;
grant execute on function mcp.run_task(uuid, uuid) to mcp_server;
