-- The sandbox reads whole tables, with their system columns, and may take samples.
grant select on all tables in schema retail to mcp_sandbox;
select attack.weaken(
    'mcp_tool.run_query(mcp_tool.query_text, mcp_tool.row_limit, text)', 'tablesample', 'no such word'
);
