-- The shim's own login may read what the entry points read for it.
grant usage on schema auth, retail, api to zava_mcp;
grant select on all tables in schema auth, retail, mcp to zava_mcp;
grant execute on all functions in schema auth, mcp to zava_mcp;
