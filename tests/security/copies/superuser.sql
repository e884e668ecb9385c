-- The function for free queries belongs to whom nothing binds.
alter function api.execute_sales_query(mcp_tool.query_text, mcp_tool.row_limit) owner to current_user;
-- and the catalogue has seen that
update mcp_catalog.tools set owner = current_user::regrole where name = 'execute_sales_query';
