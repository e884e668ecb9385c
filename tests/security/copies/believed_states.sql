-- The state of questions is read as it came, and answers count without one, and again and again.
select attack.weaken(
    'mcp_catalog.read_state(mcp_auth.identity, text, jsonb, text)',
    'if state = v_body', 'if true or state = v_body'
);
select attack.weaken(
    'mcp_catalog.confirmation(mcp_catalog.tools, jsonb, jsonb)', 'if request ? ''state'' then', 'if true then'
);
select attack.weaken(
    'mcp.call_tool(text, text, jsonb, jsonb, text)', 'perform mcp_catalog.spend_state(request ->> ''state'');', 'null;'
);
