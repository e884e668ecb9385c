-- The KIND ORIGINAL as a tool.
-- The body is text, so it holds nothing up: who owns the original alters and drops it as before.
GRANTS

create or replace function FUNCTION(ARGUMENTS)RETURNS
language LANGUAGE
VOLATILITY
security definer
SETTINGS
as BODY;

comment on function SIGNATURE is COMMENT;

-- it runs as mcp_tools, whom row-level security binds
alter function SIGNATURE owner to mcp_tools;
revoke all on function SIGNATURE from public;
-- mcp_core, and the audiences that may call it
grant execute on function SIGNATURE
to mcp_core, AUDIENCES;
