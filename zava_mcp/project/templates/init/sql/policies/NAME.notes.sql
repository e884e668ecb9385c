-- NAME.notes: the notes of the tenants in the caller's scope.
alter table NAME.notes enable row level security;

drop policy if exists notes_select on NAME.notes;
create policy notes_select on NAME.notes
for select to mcp_tools, mcp_sandbox
using (tenant_id = any((select mcp_auth.scope_uuid())::uuid[]));
comment on policy notes_select on NAME.notes is
'The tenants in the scope of the caller.';

revoke all on NAME.notes from public;
grant select on NAME.notes to mcp_tools;
-- by column: without the system columns, which count the notes of others
grant select (tenant_id, note_id, body) on NAME.notes to mcp_sandbox;
