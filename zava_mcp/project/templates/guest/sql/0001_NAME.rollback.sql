-- Mirrors 0001 backwards. Roles stay: they belong to all databases of the server.
select mcp_catalog.hide_schema('TOOLS');
drop schema TOOLS;
select mcp_auth.remove_audience('AUDIENCE');
select mcp_auth.remove_server_login('LOGIN');
