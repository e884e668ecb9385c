-- Mirrors 0002 backwards.
drop type mcp_auth.identity;
drop table mcp_auth.used_assertions;
drop table mcp_auth.signing_keys;
drop table mcp_auth.api_keys;
drop table mcp_auth.claim_rules;
drop table mcp_auth.users;
drop table mcp_auth.audiences;
