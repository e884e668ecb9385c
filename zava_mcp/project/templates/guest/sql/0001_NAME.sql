-- What the tools need beside the database that is there: who may call them, the role that the MCP
-- server connects as, and a schema for the tools. Nothing of anybody else is touched.
-- depends: core/0006
select mcp_auth.add_server_login('LOGIN');
select mcp_auth.add_audience('AUDIENCE', 'They call the tools of NAME.');

create schema TOOLS;
comment on schema TOOLS is
'The tools: a function here is what an MCP client may call.';
select mcp_catalog.expose_schema('TOOLS');
