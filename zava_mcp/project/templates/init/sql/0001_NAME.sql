-- The first table, who may call tools, and the role that the MCP server connects as.
-- depends: core/0006
select mcp_auth.add_server_login('NAME_mcp');
select mcp_auth.add_audience(
    'NAME_members', 'Members: they see the notes of their own tenants.'
);

create schema NAME;
comment on schema NAME is 'The tables.';
-- mcp_core too: it reads what a client sends as a value of its type
grant usage on schema NAME to mcp_core, mcp_tools, mcp_sandbox;

create schema NAME_api;
comment on schema NAME_api is
'The tools: a function here is what an MCP client may call.';
select mcp_catalog.expose_schema('NAME_api');

create table NAME.notes (
    tenant_id uuid not null,
    note_id uuid not null default gen_random_uuid(),
    body text not null,
    created_at timestamptz not null default now(),
    constraint notes_pkey primary key (tenant_id, note_id),
    constraint notes_body_check check (length(body) between 1 and 1000)
);
comment on table NAME.notes is 'Notes, one row each.';
comment on column NAME.notes.tenant_id is
'Whose note it is; the policy compares it with the caller''s scope.';
comment on column NAME.notes.note_id is 'Key within the tenant.';
comment on column NAME.notes.body is 'The text, 1 to 1000 characters.';
comment on column NAME.notes.created_at is 'When it was written.';
