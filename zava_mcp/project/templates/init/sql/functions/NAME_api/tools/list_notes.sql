create or replace function NAME_api.list_notes(max_results integer default 10)
returns table (note_id uuid, body text, created_at timestamptz)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        n.note_id,
        n.body,
        n.created_at
    from NAME.notes as n
    order by n.created_at desc, n.note_id
    limit list_notes.max_results;
end;

comment on function NAME_api.list_notes(integer) is $comment$
Return the newest notes of the caller's tenants, newest first.

@param max_results  The largest number of notes.
@returns One row per note.
@tool title="Notes"
$comment$;

-- it runs as mcp_tools, whom row-level security binds: no "where tenant_id" is needed
alter function NAME_api.list_notes(integer) owner to mcp_tools;
revoke all on function NAME_api.list_notes(integer) from public;
grant execute on function NAME_api.list_notes(integer)
to mcp_core, NAME_members;
