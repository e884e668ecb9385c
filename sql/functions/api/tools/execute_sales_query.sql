create or replace function api.execute_sales_query(
    postgresql_query mcp_tool.query_text,
    max_rows mcp_tool.row_limit default 100
)
returns mcp_tool.query_result
language sql
stable
security definer
-- the sandbox's stand-ins for built-ins go first
set search_path = mcp_sandbox, pg_catalog, retail, ext, pg_temp
begin atomic
    select
        q.columns,
        q.rows,
        q.row_count,
        q.truncated
    from mcp_tool.run_query(
        execute_sales_query.postgresql_query, execute_sales_query.max_rows, 'postgresql_query'
    ) as q;
end;

comment on function api.execute_sales_query(mcp_tool.query_text, mcp_tool.row_limit) is $comment$
Run one read-only SQL SELECT of yours over the tables, for what no other tool answers.

Use it for an ad-hoc or custom report, unusual counts, percentages and combinations of raw data: orders, lines, discounts,
weekdays, hours.
Call get_multiple_table_schemas first and use only its names. Join on store_id as well as on the other key. Aggregate in
SQL, and limit the rows.

@param postgresql_query  (One SELECT of PostgreSQL.)
@param max_rows          (Rows to give, 1 to 1000.)
@returns Columns, rows as arrays in their order, and whether there was more than max_rows or than an answer holds.
@error VALIDATION_ERROR The query does not run: PostgreSQL's message, hint and position.
@error AUTHORIZATION_ERROR The query reads what you may not read.
@error QUERY_TIMEOUT The query took longer than 15 seconds.
@example "Run this SQL for me: select count(*) from retail.orders" -> execute_sales_query(postgresql_query="select count(*) as orders from retail.orders")
@example "the largest orders of all" -> execute_sales_query()
@example "How many of one product did we sell on one date?" -> execute_sales_query()
@tool title="SQL query" group=data,core sandbox timeout=15s export=csv,jsonl,parquet task=export task_timeout=30m
$comment$;

alter function api.execute_sales_query(mcp_tool.query_text, mcp_tool.row_limit)
owner to mcp_sandbox;
revoke all on function api.execute_sales_query(mcp_tool.query_text, mcp_tool.row_limit) from public;
grant execute on function api.execute_sales_query(mcp_tool.query_text, mcp_tool.row_limit)
to mcp_core, store_managers, regional_managers, head_office;
