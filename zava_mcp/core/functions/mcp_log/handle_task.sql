create or replace function mcp_log.handle_task(
    credential text,
    method text,
    params jsonb,
    request_id text,
    revision text,
    extensions jsonb,
    signed text
)
returns text
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task_id text := params ->> 'taskId';
begin
    return case
        when revision is null or revision < '2025-11-25' then null
        when method = 'tasks/get' then mcp.get_task(credential, v_task_id, revision, extensions)
        when method = 'tasks/cancel'
            then mcp.cancel_task(credential, v_task_id, revision, extensions, signed, request_id)
        when method = 'tasks/update' and revision >= '2026-07-28'
            then mcp.update_task(credential, v_task_id, params -> 'inputResponses', extensions, signed, request_id)
        when method = 'tasks/result' and revision < '2026-07-28' then mcp.task_result(credential, v_task_id)
        when method = 'tasks/list' and revision < '2026-07-28'
            then mcp.list_tasks(credential, params ->> 'cursor')::text
    end;
end
$$;

comment on function mcp_log.handle_task(text, text, jsonb, text, text, jsonb, text) is $comment$
Answer a request about tasks.

@param credential  An API key, an assertion by the shim, or a ticket.
@param method      The method.
@param params      The request's params.
@param request_id  Id of the request.
@param revision    The client's revision of the protocol, a date.
@param extensions  What the client announced, by name of the extension.
@param signed      The params as they came, to which an assertion is bound.
@returns The result object as JSON text; null for a method that the revision has not.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error NOT_FOUND There is no such task of this caller in this scope; the constraint is unknown_task.
@error VALIDATION_ERROR A parameter does not fit; the column names it. Or the client did not say that it knows tasks:
the constraint is missing_tasks.
$comment$;

alter function mcp_log.handle_task(text, text, jsonb, text, text, jsonb, text) owner to mcp_core;
revoke all on function mcp_log.handle_task(text, text, jsonb, text, text, jsonb, text) from public;
