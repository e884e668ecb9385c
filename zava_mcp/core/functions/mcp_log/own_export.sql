create or replace function mcp_log.own_export(identity mcp_auth.identity, file text)
returns mcp_log.exports
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_export mcp_log.exports;
begin
    select e.* into v_export
    from mcp_log.exports as e
    inner join mcp_catalog.tools as t on e.tool = t.name
    where
        e.export_id || '.' || e.format = own_export.file
        and e.user_id = identity.user_id
        and e.sha256 is not null
        and e.expires_at > clock_timestamp()
        and e.scope_digest = mcp_auth.scope_digest(identity)
        and has_function_privilege(identity.audience, to_regprocedure(t.function), 'execute');
    if not found then
        -- alike for one that does not exist, has expired, or is of somebody else
        perform mcp_catalog.unknown_resource('export://' || coalesce(file, ''));
    end if;
    return v_export;
end
$$;

comment on function mcp_log.own_export(mcp_auth.identity, text) is $comment$
Find an export of the caller.

@param identity  Who asks.
@param file      The name of its file.
@returns The export.
@error NOT_FOUND There is none, it has expired, it is of another caller or of another scope, or its tool is not for the
caller any more; the constraint is unknown_resource.
$comment$;

alter function mcp_log.own_export(mcp_auth.identity, text) owner to mcp_core;
revoke all on function mcp_log.own_export(mcp_auth.identity, text) from public;
