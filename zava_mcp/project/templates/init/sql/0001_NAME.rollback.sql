-- Mirrors 0001 backwards. Roles stay: they belong to all databases of the server.
drop table NAME.notes;
select mcp_catalog.hide_schema('NAME_api');
drop schema NAME_api;
drop schema NAME;
select mcp_auth.remove_audience('NAME_members');
select mcp_auth.remove_server_login('NAME_mcp');
