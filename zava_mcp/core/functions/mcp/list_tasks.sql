create or replace function mcp.list_tasks(credential text, cursor text default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity mcp_auth.identity := mcp_auth.identify(credential, '/list_tasks');
    v_page jsonb;
begin
    perform mcp_catalog.check_cursor(cursor);
    v_page := mcp_catalog.list_page(
        (
            select
                coalesce(jsonb_agg(
                    -- in the order of their time
                    jsonb_build_object('name', to_char(t.created_at, 'YYYYMMDDHH24MISSUS') || t.task_id)
                    || mcp_log.task_object(t, '2025-11-25')
                ), '[]')
            from mcp_log.tasks as t
            inner join mcp_catalog.tools as o on t.tool = o.name
            where
                t.user_id = v_identity.user_id
                and t.expires_at > clock_timestamp()
                and (t.scope_digest is null or t.scope_digest = mcp_auth.scope_digest(v_identity))
                and has_function_privilege(v_identity.audience, to_regprocedure(o.function), 'execute')
        ),
        'tasks', cursor
    );
    return v_page || jsonb_build_object('tasks', coalesce((
        select jsonb_agg(e.entry - 'name' order by e.position)
        from jsonb_array_elements(v_page -> 'tasks') with ordinality as e (entry, position)
    ), '[]'));
end
$$;

comment on function mcp.list_tasks(text, text) is $comment$
List the tasks of the caller, the oldest first, for a client of 2025-11-25; later revisions have no such list.

@param credential  An API key "zava_<id>_<secret>", an assertion by the shim for /list_tasks, or a ticket.
@param cursor      The nextCursor of the page before; null for the first page.
@returns {"tasks": [as mcp_log.task_object gives them], "nextCursor"}.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error VALIDATION_ERROR The cursor is none.
$comment$;

alter function mcp.list_tasks(text, text) owner to mcp_core;
revoke all on function mcp.list_tasks(text, text) from public;
grant execute on function mcp.list_tasks(text, text) to mcp_server;
