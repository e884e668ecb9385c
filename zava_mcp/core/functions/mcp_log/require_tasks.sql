create or replace function mcp_log.require_tasks(revision text, extensions jsonb)
returns void
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    if revision >= '2026-07-28' and not coalesce(extensions ? 'io.modelcontextprotocol/tasks', false) then
        raise invalid_parameter_value using
            message = 'this needs a client with the extension io.modelcontextprotocol/tasks',
            constraint = 'missing_tasks';
    end if;
end
$$;

comment on function mcp_log.require_tasks(text, jsonb) is $comment$
Refuse a client that did not announce the extension for tasks; before 2026-07-28 there is nothing to announce.

@param revision    The client's revision of the protocol, a date.
@param extensions  What the client announced, by name of the extension.
@error VALIDATION_ERROR It did not; the constraint is missing_tasks.
$comment$;

alter function mcp_log.require_tasks(text, jsonb) owner to mcp_core;
revoke all on function mcp_log.require_tasks(text, jsonb) from public;
