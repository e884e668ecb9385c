-- The function for free queries belongs to whom nothing binds.
alter function api.execute_sales_query(mcp_tool.query_text, mcp_tool.row_limit) owner to current_user;
