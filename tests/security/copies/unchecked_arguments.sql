-- Arguments go to the function as they came.
select attack.weaken(
    'mcp.call_tool(text, text, jsonb, jsonb, text)', 'perform mcp_catalog.check_arguments(v_tool.parameters, arguments);', ''
);
