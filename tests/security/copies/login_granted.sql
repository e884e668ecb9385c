-- The shim's own login may read what the entry points read for it.
grant usage on schema mcp_auth, retail, api to zava_mcp;
grant select on all tables in schema mcp_auth, retail, mcp to zava_mcp;
grant execute on all functions in schema mcp_auth, mcp to zava_mcp;
