-- Arguments go to the function as they came.
select attack.weaken(
    'mcp.call_tool(text, text, jsonb, jsonb, text)', 'v_done := mcp_catalog.check_arguments(v_tool.parameters, arguments);', ''
);
