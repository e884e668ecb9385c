create or replace function mcp.start_task(
    credential text,
    tool text,
    arguments jsonb,
    request jsonb default '{}',
    signed text default null,
    revision text default '2026-07-28',
    extensions jsonb default '{"io.modelcontextprotocol/tasks": {}}',
    is_wanted boolean default false
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_signed text := coalesce(signed, arguments::text);
    v_request_id text := coalesce(request ->> 'request_id', '');
    v_identity mcp_auth.identity := mcp_auth.identify(credential, tool, v_signed, v_request_id);
    v_tool mcp_catalog.tools;
    v_is_pair boolean;
    v_format text;
    v_asks jsonb;
    v_limit integer;
    v_task mcp_log.tasks;
begin
    select t.* into v_tool
    from mcp_catalog.tools as t
    where
        (t.name = start_task.tool or t.has_pair and t.name || '_start' = start_task.tool)
        and has_function_privilege(v_identity.audience, to_regprocedure(t.function), 'execute');
    v_is_pair := v_tool.name <> start_task.tool;
    if v_tool.task is null then
        return null;
    end if;
    v_format := mcp_catalog.export_format(v_tool, arguments);
    if v_tool.task = 'export' and v_format is null then
        return null;
    end if;
    if not (v_is_pair or case
        when revision >= '2026-07-28' then coalesce(extensions ? 'io.modelcontextprotocol/tasks', false)
        else revision >= '2025-11-25' and is_wanted
    end) then
        if v_tool.task <> 'required' then
            return null;
        end if;
        perform mcp_log.require_tasks(revision, extensions);
        raise invalid_parameter_value using
            message = format('%s is called as a task alone', v_tool.name),
            constraint = 'missing_tasks';
    end if;
    if v_tool.task_asks_first and not request ? 'state' then
        return null;
    end if;
    perform mcp_catalog.check_request(request);
    if v_format is not null then
        perform mcp_log.export_room(v_identity);
    end if;
    perform mcp_catalog.check_arguments(
        v_tool.parameters, case when v_tool.exports is null then arguments else arguments - 'export' end
    );
    perform mcp_catalog.take_answers(v_identity, tool, arguments, request);
    v_asks := mcp_catalog.confirmation(v_tool, arguments, request);
    if v_asks is not null then
        return mcp_catalog.finished_result(
            mcp_catalog.shape_content(v_asks, v_identity, tool, arguments), 'tools/call', revision
        );
    end if;

    v_limit := (mcp_auth.limits_of(v_identity.audience) ->> 'tasks')::integer;
    if (
        select count(*)
        from mcp_log.tasks as t
        where t.user_id = v_identity.user_id and t.expires_at > statement_timestamp()
    ) >= v_limit then
        raise configuration_limit_exceeded using
            message = format('No more than %s tasks of yours may be kept at once.', v_limit),
            hint = 'Wait until some of them have expired.';
    end if;
    perform mcp_auth.use_once(credential);
    perform mcp_auth.touch_api_keys(array[v_identity.credential_id], statement_timestamp());
    if not v_tool.is_read_only and v_tool.annotations -> 'idempotentHint' is distinct from 'true' then
        perform mcp_catalog.spend_state(request ->> 'state');
    end if;
    insert into mcp_log.tasks (
        user_id, credential_id, claims, tool, arguments, request, revision, timeout_ms, answers, expires_at
    )
    select
        v_identity.user_id,
        v_identity.credential_id,
        case
            when starts_with(credential, 'assert_')
                then mcp_auth.assertion_claims(credential, tool, v_signed, v_request_id)
        end,
        v_tool.name,
        arguments,
        -- before 2026-07-28 nobody can be asked behind a request
        (request - array['answers', 'state'] || case when revision >= '2026-07-28' and not v_is_pair then '{}' else '{"capabilities": {}}' end::jsonb),
        revision,
        v_tool.task_timeout_ms,
        jsonb_build_object(
            'answers', current_setting('app.answers', true)::jsonb,
            'kept', nullif(current_setting('app.kept', true), '')::jsonb
        ),
        now() + (v_tool.task_timeout_ms + s.value::integer) * interval '1 millisecond'
    from mcp_catalog.settings as s
    where s.name = 'task_keep_ms'
    returning * into v_task;
    perform pg_notify('mcp_task', '');
    if v_is_pair then
        return mcp_catalog.finished_result(mcp_log.task_state(v_task), 'tools/call', revision);
    end if;
    if revision < '2026-07-28' then
        return jsonb_build_object('task', mcp_log.task_object(v_task, revision));
    end if;
    -- first, by which the shim knows it
    return '{"resultType": "task", ' || substr(mcp_log.task_object(v_task, revision)::text, 2);
end
$$;

comment on function mcp.start_task(text, text, jsonb, jsonb, text, text, jsonb, boolean)
is $comment$
Make a task of a call, where its tool says so and its client knows tasks; a server runs it then, with mcp.run_task.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim.
@param tool        Name of the tool, or NAME_start of one that is tagged pair.
@param arguments   {argument: value}.
@param request     As mcp_catalog.check_request takes it.
@param signed      The text that an assertion is bound to; null: the arguments, as PostgreSQL prints them.
@param revision    The client's revision of the protocol, a date.
@param extensions  What the client announced, by name of the extension.
@param is_wanted   Whether a client of 2025-11-25 wants a task; a client of 2026-07-28 leaves it to the server.
@returns JSON text: {"resultType": "task", and what mcp_log.task_object gives}, or {"task": that} for 2025-11-25; of NAME_start a result with what mcp_log.task_state gives; a question as
mcp_catalog.finished_result gives it, when the user is asked first. Null when the call is to be made at once: the tool is
no such tool, the client knows no tasks, or the tool has to ask first.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error VALIDATION_ERROR An argument is missing or unknown, or its value does not fit; the column names it. Or the tool must be a
task and the client knows none: the constraint is missing_tasks.
@error AUTHORIZATION_ERROR The user was asked to confirm, and did not.
@error CONFLICT The caller has as many tasks, or exports, as it may.
$comment$;

alter function mcp.start_task(text, text, jsonb, jsonb, text, text, jsonb, boolean)
owner to mcp_core;
revoke all on function mcp.start_task(text, text, jsonb, jsonb, text, text, jsonb, boolean)
from public;
grant execute on function mcp.start_task(text, text, jsonb, jsonb, text, text, jsonb, boolean)
to mcp_server;
