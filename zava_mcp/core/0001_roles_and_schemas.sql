-- The core's roles and its schemas. Roles belong to all databases of the server: they are created
-- where absent, and a rollback leaves them. Nothing that PUBLIC or anybody else has is changed.
do $$
declare
    v_role name;
begin
    foreach v_role in array array['mcp_core', 'mcp_tools', 'mcp_sandbox', 'mcp_server'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
            execute format('create role %I nologin', v_role);
        end if;
        -- an ordinary migration login transfers objects to these roles, so it must be able to become them
        if not pg_catalog.pg_has_role(current_user, v_role, 'set') then
            execute format('grant %I to %I with set true, inherit true', v_role, current_user);
        end if;
    end loop;
end
$$;

create schema mcp;
comment on schema mcp is 'The entry points that the MCP server calls, and nothing else.';
create schema mcp_catalog;
comment on schema mcp_catalog is
'Tools, resources, prompts and completions with their schemas, and how comments and types become '
'them.';
create schema mcp_auth;
comment on schema mcp_auth is
'Users, audiences, API keys, signing keys and the request context.';
-- its owner creates and drops the partitions of the call log
create schema mcp_log authorization mcp_core;
comment on schema mcp_log is 'The call log, its partitions (one a day) and its seals.';
create schema mcp_tool;
comment on schema mcp_tool is
'Helpers for authors of tools: content, questions, progress, log messages, errors with a field.';
create schema mcp_sandbox;
comment on schema mcp_sandbox is
'Stand-ins for built-ins that can fill the memory: what SQL of a client finds in their place.';

grant usage on schema mcp to mcp_server, mcp_core;
grant usage on schema mcp_catalog to mcp_core;
grant usage on schema mcp_auth to mcp_core, mcp_tools;
grant usage on schema mcp_log to mcp_tools;
grant usage on schema mcp_tool to mcp_core, mcp_tools, mcp_sandbox;
grant usage on schema mcp_sandbox to mcp_sandbox;
