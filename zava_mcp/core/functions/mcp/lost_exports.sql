create or replace function mcp.lost_exports(files text[])
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(jsonb_agg(f.name), '[]')
    from unnest(lost_exports.files) as f (name)
    where
        f.name ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[a-z]+(\.part)?$'
        and not exists (
            select
            from mcp_log.exports as e
            where
                e.export_id::text || '.' || e.format = f.name
                and e.expires_at > clock_timestamp()
        );
end;

comment on function mcp.lost_exports(text []) is $comment$
Return the files that no export has: those that have expired, and those whose server was lost while it wrote them. The server asks
for files that are older than any that is being written, and deletes these.

@param files  Names of files in the folder of the exports.
@returns [the names of those that are of no more use]. A name that no export ever had is not among them.
$comment$;

alter function mcp.lost_exports(text []) owner to mcp_core;
revoke all on function mcp.lost_exports(text []) from public;
grant execute on function mcp.lost_exports(text []) to mcp_server;
