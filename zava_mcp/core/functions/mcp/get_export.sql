create or replace function mcp.get_export(
    credential text, file text, request jsonb default '{}', signed text default null
)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_export mcp_log.exports := mcp_log.own_export(
        mcp_auth.identify(
            credential, '/get_export', coalesce(signed, jsonb_build_object('file', file)::text),
            coalesce(request ->> 'request_id', '')
        ),
        file
    );
begin
    return mcp_log.export_object(v_export) || jsonb_build_object(
        'file', file, 'name', v_export.tool || '.' || v_export.format
    );
end
$$;

comment on function mcp.get_export(text, text, jsonb, text) is $comment$
Say whether a caller may have the file of an export, whole or in part. The server asks before each download, and logs it.

@param credential  An API key "zava_<id>_<secret>", an assertion by the shim for /get_export and {"file": file}, or a ticket.
@param file        The name of the file.
@param request     What came with the call, as mcp_catalog.check_request takes it.
@param signed      The text that an assertion is bound to; null: {"file": file}, as PostgreSQL prints them.
@returns As mcp_log.export_object gives it, with the "file" and the "name" under which it is saved.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error NOT_FOUND There is no such export of this caller in this scope; the constraint is unknown_resource.
$comment$;

alter function mcp.get_export(text, text, jsonb, text) owner to mcp_core;
revoke all on function mcp.get_export(text, text, jsonb, text) from public;
grant execute on function mcp.get_export(text, text, jsonb, text) to mcp_server;
