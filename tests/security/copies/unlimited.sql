-- Free queries may be of any length and give any number of rows and bytes.
select attack.weaken(
    'api.execute_sales_query(retail.query_text, retail.row_limit)',
    'c_max_bytes constant integer := 1000000', 'c_max_bytes constant integer := 1000000000'
);
select attack.weaken(
    'api.execute_sales_query(retail.query_text, retail.row_limit)', 'cardinality(v_rows) = max_rows or', ''
);
alter domain retail.query_text drop constraint query_text_check;
alter domain retail.row_limit drop constraint row_limit_check;
