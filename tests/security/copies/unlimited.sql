-- Free queries may be of any length and give any number of rows and bytes.
select attack.weaken(
    'mcp_tool.run_query(mcp_tool.query_text, mcp_tool.row_limit, text)',
    'c_max_bytes constant integer := 1000000', 'c_max_bytes constant integer := 1000000000'
);
select attack.weaken(
    'mcp_tool.run_query(mcp_tool.query_text, mcp_tool.row_limit, text)', 'cardinality(v_rows) = run_query.max_rows or', ''
);
alter domain mcp_tool.query_text drop constraint query_text_check;
alter domain mcp_tool.row_limit drop constraint row_limit_check;
update mcp_catalog.settings set value = '1000000000' where name = 'max_answer_bytes';
