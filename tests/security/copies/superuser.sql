-- The function for free queries belongs to whom nothing binds.
alter function api.execute_sales_query(retail.query_text, retail.row_limit) owner to current_user;
