-- The schema as it is today, to read and to compare, not to run. Made by: zava-mcp migrate schema
-- Left out: bodies of functions and what follows the first paragraph of their comments, which their
-- files have; partitions; objects of extensions; privileges on PostgreSQL's own objects.

CREATE ROLE head_office NOLOGIN;
CREATE ROLE mcp_core NOLOGIN;
CREATE ROLE mcp_sandbox NOLOGIN;
CREATE ROLE mcp_server NOLOGIN;
CREATE ROLE mcp_tools NOLOGIN;
CREATE ROLE regional_managers NOLOGIN;
CREATE ROLE store_managers NOLOGIN;
CREATE ROLE zava_mcp LOGIN;
CREATE ROLE zava_owner NOLOGIN;
GRANT mcp_server TO zava_mcp;
GRANT mcp_tools TO zava_owner;

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA ext;
COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA ext;
COMMENT ON EXTENSION vector IS 'vector data type and ivfflat and hnsw access methods';

CREATE EVENT TRIGGER mcp_catalog_stale ON ddl_command_end
         WHEN TAG IN ('CREATE FUNCTION', 'ALTER FUNCTION', 'DROP FUNCTION', 'CREATE PROCEDURE', 'DROP PROCEDURE', 'ALTER ROUTINE', 'DROP ROUTINE', 'COMMENT', 'GRANT', 'REVOKE', 'CREATE TYPE', 'ALTER TYPE', 'DROP TYPE', 'CREATE DOMAIN', 'ALTER DOMAIN', 'DROP DOMAIN', 'CREATE SCHEMA', 'ALTER SCHEMA', 'DROP SCHEMA')
   EXECUTE FUNCTION mcp_catalog.mark_catalog_stale();
ALTER EVENT TRIGGER mcp_catalog_stale OWNER TO postgres;
COMMENT ON EVENT TRIGGER mcp_catalog_stale IS 'Notes that DDL may have changed a tool.';

CREATE SCHEMA api;
ALTER SCHEMA api OWNER TO postgres;
COMMENT ON SCHEMA api IS 'The tools. A function here is what an MCP client may call.';
GRANT USAGE ON SCHEMA api TO mcp_core;

CREATE FUNCTION api.adjust_inventory(sku retail.sku, change retail.stock_change, reason retail.reason, idempotency_key mcp_tool.idempotency_key, store_id uuid DEFAULT NULL::uuid, dry_run boolean DEFAULT false) RETURNS retail.adjusted_stock
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.adjust_inventory(sku retail.sku, change retail.stock_change, reason retail.reason, idempotency_key mcp_tool.idempotency_key, store_id uuid, dry_run boolean) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.adjust_inventory(sku retail.sku, change retail.stock_change, reason retail.reason, idempotency_key mcp_tool.idempotency_key, store_id uuid, dry_run boolean) IS 'Correct a store''s stock of a product: goods received, a count, breakage, theft.';
REVOKE ALL ON FUNCTION api.adjust_inventory(sku retail.sku, change retail.stock_change, reason retail.reason, idempotency_key mcp_tool.idempotency_key, store_id uuid, dry_run boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.adjust_inventory(sku retail.sku, change retail.stock_change, reason retail.reason, idempotency_key mcp_tool.idempotency_key, store_id uuid, dry_run boolean) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.analyst_instructions() RETURNS SETOF mcp_tool.prompt_message
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.analyst_instructions() OWNER TO mcp_tools;
COMMENT ON FUNCTION api.analyst_instructions() IS 'How to work as Zava''s sales analyst: what to ask first, how to answer, what to leave out.';
REVOKE ALL ON FUNCTION api.analyst_instructions() FROM PUBLIC;
GRANT ALL ON FUNCTION api.analyst_instructions() TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.compare_stores(time_period retail.time_period DEFAULT 'last_30_days'::retail.time_period, from_date retail.business_day DEFAULT NULL::date, to_date retail.business_day DEFAULT NULL::date) RETURNS TABLE(rank bigint, store_id uuid, store text, revenue numeric, revenue_percent numeric, orders bigint, average_order_value numeric, units bigint, previous_revenue numeric, change_percent numeric, margin numeric, margin_percent numeric)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan';
ALTER FUNCTION api.compare_stores(time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.compare_stores(time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) IS 'Compare and rank stores side by side: which branch, shop or location is ahead, which behind.';
REVOKE ALL ON FUNCTION api.compare_stores(time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) FROM PUBLIC;
GRANT ALL ON FUNCTION api.compare_stores(time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) TO mcp_core, regional_managers, head_office;

CREATE FUNCTION api.complete_category() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.complete_category() OWNER TO mcp_tools;
COMMENT ON FUNCTION api.complete_category() IS 'Names of the categories.';
REVOKE ALL ON FUNCTION api.complete_category() FROM PUBLIC;
GRANT ALL ON FUNCTION api.complete_category() TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.complete_store_id(value text) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.complete_store_id(value text) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.complete_store_id(value text) IS 'Ids of the stores you may see, found by their beginning or by a part of the store''s name.';
REVOKE ALL ON FUNCTION api.complete_store_id(value text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.complete_store_id(value text) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.complete_store_name() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.complete_store_name() OWNER TO mcp_tools;
COMMENT ON FUNCTION api.complete_store_name() IS 'Names of the stores you may see.';
REVOKE ALL ON FUNCTION api.complete_store_name() FROM PUBLIC;
GRANT ALL ON FUNCTION api.complete_store_name() TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.complete_table_name() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.complete_table_name() OWNER TO mcp_tools;
COMMENT ON FUNCTION api.complete_table_name() IS 'Names of the tables that a query may read.';
REVOKE ALL ON FUNCTION api.complete_table_name() FROM PUBLIC;
GRANT ALL ON FUNCTION api.complete_table_name() TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.execute_sales_query(postgresql_query mcp_tool.query_text, max_rows mcp_tool.row_limit DEFAULT 100) RETURNS mcp_tool.query_result
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'mcp_sandbox', 'pg_catalog', 'retail', 'ext', 'pg_temp';
ALTER FUNCTION api.execute_sales_query(postgresql_query mcp_tool.query_text, max_rows mcp_tool.row_limit) OWNER TO mcp_sandbox;
COMMENT ON FUNCTION api.execute_sales_query(postgresql_query mcp_tool.query_text, max_rows mcp_tool.row_limit) IS 'Run one read-only SQL SELECT of yours over the tables, for what no other tool answers.';
REVOKE ALL ON FUNCTION api.execute_sales_query(postgresql_query mcp_tool.query_text, max_rows mcp_tool.row_limit) FROM PUBLIC;
GRANT ALL ON FUNCTION api.execute_sales_query(postgresql_query mcp_tool.query_text, max_rows mcp_tool.row_limit) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.explain_sales_change() RETURNS text
    LANGUAGE sql IMMUTABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.explain_sales_change() OWNER TO mcp_tools;
COMMENT ON FUNCTION api.explain_sales_change() IS 'Find out why sales, revenue or orders rose or fell, and how to answer.';
REVOKE ALL ON FUNCTION api.explain_sales_change() FROM PUBLIC;
GRANT ALL ON FUNCTION api.explain_sales_change() TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.find_products_for(project retail.search_text, category text DEFAULT NULL::text) RETURNS SETOF mcp_tool.prompt_message
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.find_products_for(project retail.search_text, category text) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.find_products_for(project retail.search_text, category text) IS 'Find the products for a customer''s project, with their stock.';
REVOKE ALL ON FUNCTION api.find_products_for(project retail.search_text, category text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.find_products_for(project retail.search_text, category text) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.find_similar_products(product_id uuid, max_results retail.result_limit DEFAULT 10, in_stock_only boolean DEFAULT false) RETURNS retail.product_search
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.find_similar_products(product_id uuid, max_results retail.result_limit, in_stock_only boolean) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.find_similar_products(product_id uuid, max_results retail.result_limit, in_stock_only boolean) IS 'Find alternatives to a product: substitutes to offer instead of it, with their stock.';
REVOKE ALL ON FUNCTION api.find_similar_products(product_id uuid, max_results retail.result_limit, in_stock_only boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.find_similar_products(product_id uuid, max_results retail.result_limit, in_stock_only boolean) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.find_weak_branches() RETURNS text
    LANGUAGE sql IMMUTABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.find_weak_branches() OWNER TO mcp_tools;
COMMENT ON FUNCTION api.find_weak_branches() IS 'Find the branches that fall behind the others and need help.';
REVOKE ALL ON FUNCTION api.find_weak_branches() FROM PUBLIC;
GRANT ALL ON FUNCTION api.find_weak_branches() TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.generate_business_insights(analysis_type retail.analysis_type DEFAULT 'summary'::retail.analysis_type, time_period retail.time_period DEFAULT 'last_30_days'::retail.time_period, store_id uuid DEFAULT NULL::uuid, from_date retail.business_day DEFAULT NULL::date, to_date retail.business_day DEFAULT NULL::date) RETURNS retail.business_insights
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan';
ALTER FUNCTION api.generate_business_insights(analysis_type retail.analysis_type, time_period retail.time_period, store_id uuid, from_date retail.business_day, to_date retail.business_day) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.generate_business_insights(analysis_type retail.analysis_type, time_period retail.time_period, store_id uuid, from_date retail.business_day, to_date retail.business_day) IS 'Explain the business in sentences: a summary, highlights and findings for people to read.';
REVOKE ALL ON FUNCTION api.generate_business_insights(analysis_type retail.analysis_type, time_period retail.time_period, store_id uuid, from_date retail.business_day, to_date retail.business_day) FROM PUBLIC;
GRANT ALL ON FUNCTION api.generate_business_insights(analysis_type retail.analysis_type, time_period retail.time_period, store_id uuid, from_date retail.business_day, to_date retail.business_day) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.get_call_rate(period interval DEFAULT '02:00:00'::interval) RETURNS TABLE(started_at timestamp with time zone, calls bigint, failures bigint, slow_calls bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.get_call_rate(period interval) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_call_rate(period interval) IS 'How busy this server is over time: load and traffic, requests a minute.';
REVOKE ALL ON FUNCTION api.get_call_rate(period interval) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_call_rate(period interval) TO mcp_core, head_office;

CREATE FUNCTION api.get_category_performance(store_id uuid DEFAULT NULL::uuid, time_period retail.time_period DEFAULT 'last_30_days'::retail.time_period, from_date retail.business_day DEFAULT NULL::date, to_date retail.business_day DEFAULT NULL::date) RETURNS TABLE(category text, revenue numeric, revenue_percent numeric, units bigint, products bigint, previous_revenue numeric, change_percent numeric, margin numeric, margin_percent numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan';
ALTER FUNCTION api.get_category_performance(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_category_performance(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) IS 'Sales by category: how departments and kinds of products do against the period before.';
REVOKE ALL ON FUNCTION api.get_category_performance(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_category_performance(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.get_current_utc_date() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.get_current_utc_date() OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_current_utc_date() IS 'What date and time it is now, in UTC.';
REVOKE ALL ON FUNCTION api.get_current_utc_date() FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_current_utc_date() TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.get_customer_analysis(store_id uuid DEFAULT NULL::uuid, time_period retail.time_period DEFAULT 'last_12_months'::retail.time_period, from_date retail.business_day DEFAULT NULL::date, to_date retail.business_day DEFAULT NULL::date) RETURNS retail.customer_analysis
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan';
ALTER FUNCTION api.get_customer_analysis(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_customer_analysis(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) IS 'How many customers are new, returning, loyal, at risk or lost: segments (RFM), in numbers.';
REVOKE ALL ON FUNCTION api.get_customer_analysis(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_customer_analysis(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.get_daily_sales(store_id uuid DEFAULT NULL::uuid, time_period retail.time_period DEFAULT 'last_30_days'::retail.time_period, from_date retail.business_day DEFAULT NULL::date, to_date retail.business_day DEFAULT NULL::date, page_size mcp_tool.page_size DEFAULT 31, cursor mcp_tool.cursor DEFAULT NULL::jsonb) RETURNS TABLE(sales_date date, orders bigint, units bigint, gross_amount numeric, discount_amount numeric, revenue numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan';
ALTER FUNCTION api.get_daily_sales(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_daily_sales(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) IS 'Sales day by day: the revenue and orders of each date, newest first.';
REVOKE ALL ON FUNCTION api.get_daily_sales(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_daily_sales(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.get_frequently_bought_together(product_id uuid, max_results retail.result_limit DEFAULT 10, time_period retail.time_period DEFAULT 'last_12_months'::retail.time_period) RETURNS SETOF retail.product_companion
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.get_frequently_bought_together(product_id uuid, max_results retail.result_limit, time_period retail.time_period) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_frequently_bought_together(product_id uuid, max_results retail.result_limit, time_period retail.time_period) IS 'What customers buy together with a product, in the same order or basket.';
REVOKE ALL ON FUNCTION api.get_frequently_bought_together(product_id uuid, max_results retail.result_limit, time_period retail.time_period) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_frequently_bought_together(product_id uuid, max_results retail.result_limit, time_period retail.time_period) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.get_inventory_status(threshold retail.piece_count DEFAULT 10, status retail.stock_status DEFAULT NULL::retail.stock_status, category text DEFAULT NULL::text, store_id uuid DEFAULT NULL::uuid, rate_days retail.day_count DEFAULT 90, page_size mcp_tool.page_size DEFAULT 20, cursor mcp_tool.cursor DEFAULT NULL::jsonb) RETURNS TABLE(store_id uuid, store text, product_id uuid, sku text, product text, category text, stock_level integer, status retail.stock_status, daily_units numeric, days_of_cover numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan';
ALTER FUNCTION api.get_inventory_status(threshold retail.piece_count, status retail.stock_status, category text, store_id uuid, rate_days retail.day_count, page_size mcp_tool.page_size, cursor mcp_tool.cursor) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_inventory_status(threshold retail.piece_count, status retail.stock_status, category text, store_id uuid, rate_days retail.day_count, page_size mcp_tool.page_size, cursor mcp_tool.cursor) IS 'Current stock: what is sold out, low or enough, and how many days it lasts.';
REVOKE ALL ON FUNCTION api.get_inventory_status(threshold retail.piece_count, status retail.stock_status, category text, store_id uuid, rate_days retail.day_count, page_size mcp_tool.page_size, cursor mcp_tool.cursor) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_inventory_status(threshold retail.piece_count, status retail.stock_status, category text, store_id uuid, rate_days retail.day_count, page_size mcp_tool.page_size, cursor mcp_tool.cursor) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.get_multiple_table_schemas(table_names text[] DEFAULT NULL::text[]) RETURNS mcp_tool.table_schemas
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.get_multiple_table_schemas(table_names text[]) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_multiple_table_schemas(table_names text[]) IS 'The structure of the database: tables, columns, keys, joins and valid values.';
REVOKE ALL ON FUNCTION api.get_multiple_table_schemas(table_names text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_multiple_table_schemas(table_names text[]) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.get_performance_summary(period interval DEFAULT '24:00:00'::interval) RETURNS TABLE(tool text, calls bigint, failures bigint, slow_calls bigint, mean_ms numeric, min_ms numeric, p50_ms numeric, p95_ms numeric, max_ms numeric, codes jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.get_performance_summary(period interval) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_performance_summary(period interval) IS 'How well this server works: usage, response times and failures of each tool.';
REVOKE ALL ON FUNCTION api.get_performance_summary(period interval) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_performance_summary(period interval) TO mcp_core, head_office;

CREATE FUNCTION api.get_restock_suggestions(target_days retail.day_count DEFAULT 30, category text DEFAULT NULL::text, store_id uuid DEFAULT NULL::uuid, rate_days retail.day_count DEFAULT 90, page_size mcp_tool.page_size DEFAULT 20, cursor mcp_tool.cursor DEFAULT NULL::jsonb) RETURNS TABLE(store_id uuid, store text, product_id uuid, sku text, product text, stock_level integer, daily_units numeric, days_of_cover numeric, suggested_units bigint, suggested_cost numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan';
ALTER FUNCTION api.get_restock_suggestions(target_days retail.day_count, category text, store_id uuid, rate_days retail.day_count, page_size mcp_tool.page_size, cursor mcp_tool.cursor) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_restock_suggestions(target_days retail.day_count, category text, store_id uuid, rate_days retail.day_count, page_size mcp_tool.page_size, cursor mcp_tool.cursor) IS 'What to order from suppliers, and how many pieces, so that stock lasts the target days.';
REVOKE ALL ON FUNCTION api.get_restock_suggestions(target_days retail.day_count, category text, store_id uuid, rate_days retail.day_count, page_size mcp_tool.page_size, cursor mcp_tool.cursor) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_restock_suggestions(target_days retail.day_count, category text, store_id uuid, rate_days retail.day_count, page_size mcp_tool.page_size, cursor mcp_tool.cursor) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.get_sales_trends(granularity retail.granularity DEFAULT 'week'::retail.granularity, store_id uuid DEFAULT NULL::uuid, time_period retail.time_period DEFAULT 'last_90_days'::retail.time_period, from_date retail.business_day DEFAULT NULL::date, to_date retail.business_day DEFAULT NULL::date, page_size mcp_tool.page_size DEFAULT 31, cursor mcp_tool.cursor DEFAULT NULL::jsonb) RETURNS TABLE(starts_on date, ends_on date, is_complete boolean, revenue numeric, orders bigint, units bigint, moving_average numeric, previous_revenue numeric, change_percent numeric, last_year_revenue numeric, last_year_change_percent numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan';
ALTER FUNCTION api.get_sales_trends(granularity retail.granularity, store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_sales_trends(granularity retail.granularity, store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) IS 'How sales develop by day, week or month: growth or decline, against before and a year ago.';
REVOKE ALL ON FUNCTION api.get_sales_trends(granularity retail.granularity, store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_sales_trends(granularity retail.granularity, store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.get_slow_calls(period interval DEFAULT '24:00:00'::interval, max_results integer DEFAULT 20) RETURNS TABLE(started_at timestamp with time zone, tool text, duration_ms numeric, row_count integer, bytes integer, code text, user_name text, client text, request_id text, trace_id text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.get_slow_calls(period interval, max_results integer) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_slow_calls(period interval, max_results integer) IS 'The slowest calls of this server: which requests took too long, and who waited.';
REVOKE ALL ON FUNCTION api.get_slow_calls(period interval, max_results integer) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_slow_calls(period interval, max_results integer) TO mcp_core, head_office;

CREATE FUNCTION api.get_store_performance(store_id uuid DEFAULT NULL::uuid, time_period retail.time_period DEFAULT 'last_30_days'::retail.time_period, from_date retail.business_day DEFAULT NULL::date, to_date retail.business_day DEFAULT NULL::date) RETURNS retail.store_performance
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan';
ALTER FUNCTION api.get_store_performance(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_store_performance(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) IS 'How a store, or the whole business, did over a period: totals and key figures.';
REVOKE ALL ON FUNCTION api.get_store_performance(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_store_performance(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.get_top_products(rank_by retail.product_ranking DEFAULT 'revenue'::retail.product_ranking, category text DEFAULT NULL::text, store_id uuid DEFAULT NULL::uuid, time_period retail.time_period DEFAULT 'last_30_days'::retail.time_period, from_date retail.business_day DEFAULT NULL::date, to_date retail.business_day DEFAULT NULL::date, page_size mcp_tool.page_size DEFAULT 10, cursor mcp_tool.cursor DEFAULT NULL::jsonb) RETURNS TABLE(rank bigint, product_id uuid, sku text, name text, category text, revenue numeric, revenue_percent numeric, units bigint, margin numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan';
ALTER FUNCTION api.get_top_products(rank_by retail.product_ranking, category text, store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_top_products(rank_by retail.product_ranking, category text, store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) IS 'Best-selling products: the top items by revenue or by pieces sold.';
REVOKE ALL ON FUNCTION api.get_top_products(rank_by retail.product_ranking, category text, store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_top_products(rank_by retail.product_ranking, category text, store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.get_unmet_needs(period interval DEFAULT '7 days'::interval, max_results integer DEFAULT 20) RETURNS TABLE(kind text, subject text, calls bigint, callers bigint, last_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.get_unmet_needs(period interval, max_results integer) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.get_unmet_needs(period interval, max_results integer) IS 'What people looked for and did not find: missing tools, refusals, searches that led nowhere.';
REVOKE ALL ON FUNCTION api.get_unmet_needs(period interval, max_results integer) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_unmet_needs(period interval, max_results integer) TO mcp_core, head_office;

CREATE FUNCTION api.list_customers(segment retail.customer_segment DEFAULT NULL::retail.customer_segment, time_period retail.time_period DEFAULT 'last_12_months'::retail.time_period, from_date retail.business_day DEFAULT NULL::date, to_date retail.business_day DEFAULT NULL::date, page_size mcp_tool.page_size DEFAULT 20, cursor mcp_tool.cursor DEFAULT NULL::jsonb) RETURNS SETOF retail.customer_contact
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.list_customers(segment retail.customer_segment, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.list_customers(segment retail.customer_segment, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) IS 'The customers of your store by name, with e-mail and phone, those who spent most first.';
REVOKE ALL ON FUNCTION api.list_customers(segment retail.customer_segment, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) FROM PUBLIC;
GRANT ALL ON FUNCTION api.list_customers(segment retail.customer_segment, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day, page_size mcp_tool.page_size, cursor mcp_tool.cursor) TO mcp_core, store_managers;

CREATE FUNCTION api.list_stores() RETURNS TABLE(store_id uuid, name text, location text, region text, time_zone text, is_online boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.list_stores() OWNER TO mcp_tools;
COMMENT ON FUNCTION api.list_stores() IS 'The stores you may see: shops, branches and locations, with their ids.';
REVOKE ALL ON FUNCTION api.list_stores() FROM PUBLIC;
GRANT ALL ON FUNCTION api.list_stores() TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.recommend_products(customer_id uuid, max_results retail.result_limit DEFAULT 10, in_stock_only boolean DEFAULT true) RETURNS retail.product_search
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'ext', 'pg_temp';
ALTER FUNCTION api.recommend_products(customer_id uuid, max_results retail.result_limit, in_stock_only boolean) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.recommend_products(customer_id uuid, max_results retail.result_limit, in_stock_only boolean) IS 'Recommend products to one customer of your store, by what the customer bought before.';
REVOKE ALL ON FUNCTION api.recommend_products(customer_id uuid, max_results retail.result_limit, in_stock_only boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.recommend_products(customer_id uuid, max_results retail.result_limit, in_stock_only boolean) TO mcp_core, store_managers;

CREATE FUNCTION api.record_return(order_id uuid, lines retail.return_lines, idempotency_key mcp_tool.idempotency_key, store_id uuid DEFAULT NULL::uuid, restock boolean DEFAULT true, dry_run boolean DEFAULT false) RETURNS retail.recorded_return
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.record_return(order_id uuid, lines retail.return_lines, idempotency_key mcp_tool.idempotency_key, store_id uuid, restock boolean, dry_run boolean) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.record_return(order_id uuid, lines retail.return_lines, idempotency_key mcp_tool.idempotency_key, store_id uuid, restock boolean, dry_run boolean) IS 'Record a return: goods that a customer brings back, and the refund.';
REVOKE ALL ON FUNCTION api.record_return(order_id uuid, lines retail.return_lines, idempotency_key mcp_tool.idempotency_key, store_id uuid, restock boolean, dry_run boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.record_return(order_id uuid, lines retail.return_lines, idempotency_key mcp_tool.idempotency_key, store_id uuid, restock boolean, dry_run boolean) TO mcp_core, store_managers;

CREATE FUNCTION api.record_sale(customer_id uuid, lines retail.sale_lines, idempotency_key mcp_tool.idempotency_key, store_id uuid DEFAULT NULL::uuid, status retail.order_status DEFAULT 'completed'::retail.order_status, dry_run boolean DEFAULT false) RETURNS retail.recorded_sale
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.record_sale(customer_id uuid, lines retail.sale_lines, idempotency_key mcp_tool.idempotency_key, store_id uuid, status retail.order_status, dry_run boolean) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.record_sale(customer_id uuid, lines retail.sale_lines, idempotency_key mcp_tool.idempotency_key, store_id uuid, status retail.order_status, dry_run boolean) IS 'Record a sale now: a customer buys or orders goods, which leave the stock.';
REVOKE ALL ON FUNCTION api.record_sale(customer_id uuid, lines retail.sale_lines, idempotency_key mcp_tool.idempotency_key, store_id uuid, status retail.order_status, dry_run boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.record_sale(customer_id uuid, lines retail.sale_lines, idempotency_key mcp_tool.idempotency_key, store_id uuid, status retail.order_status, dry_run boolean) TO mcp_core, store_managers;

CREATE FUNCTION api.restock_plan(store text DEFAULT NULL::text, category text DEFAULT NULL::text) RETURNS SETOF mcp_tool.prompt_message
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.restock_plan(store text, category text) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.restock_plan(store text, category text) IS 'Plan what to reorder, from what get_restock_suggestions suggests.';
REVOKE ALL ON FUNCTION api.restock_plan(store text, category text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.restock_plan(store text, category text) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.search_products_by_description(query retail.search_text, query_embedding retail.embedding DEFAULT NULL::ext.vector, similarity_threshold retail.similarity DEFAULT NULL::double precision, max_results retail.result_limit DEFAULT 20, category retail.label DEFAULT NULL::text, price_min retail.price DEFAULT NULL::numeric, price_max retail.price DEFAULT NULL::numeric, in_stock_only boolean DEFAULT false) RETURNS retail.product_search
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.search_products_by_description(query retail.search_text, query_embedding retail.embedding, similarity_threshold retail.similarity, max_results retail.result_limit, category retail.label, price_min retail.price, price_max retail.price, in_stock_only boolean) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.search_products_by_description(query retail.search_text, query_embedding retail.embedding, similarity_threshold retail.similarity, max_results retail.result_limit, category retail.label, price_min retail.price, price_max retail.price, in_stock_only boolean) IS 'Find products by what they are for: describe a need, a job or an item, with stock and price.';
REVOKE ALL ON FUNCTION api.search_products_by_description(query retail.search_text, query_embedding retail.embedding, similarity_threshold retail.similarity, max_results retail.result_limit, category retail.label, price_min retail.price, price_max retail.price, in_stock_only boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.search_products_by_description(query retail.search_text, query_embedding retail.embedding, similarity_threshold retail.similarity, max_results retail.result_limit, category retail.label, price_min retail.price, price_max retail.price, in_stock_only boolean) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.search_tools(query retail.search_text, max_results retail.result_limit DEFAULT 3, query_embedding mcp_tool.embedding DEFAULT NULL::real[]) RETURNS TABLE(name text, definition jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.search_tools(query retail.search_text, max_results retail.result_limit, query_embedding mcp_tool.embedding) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.search_tools(query retail.search_text, max_results retail.result_limit, query_embedding mcp_tool.embedding) IS 'Find a tool or function that was not listed, by what it should do.';
REVOKE ALL ON FUNCTION api.search_tools(query retail.search_text, max_results retail.result_limit, query_embedding mcp_tool.embedding) FROM PUBLIC;
GRANT ALL ON FUNCTION api.search_tools(query retail.search_text, max_results retail.result_limit, query_embedding mcp_tool.embedding) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.store_list() RETURNS TABLE(store_id uuid, name text, location text, region text, time_zone text, is_online boolean, report text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.store_list() OWNER TO mcp_tools;
COMMENT ON FUNCTION api.store_list() IS 'The stores you may see, each with the address of its daily report.';
REVOKE ALL ON FUNCTION api.store_list() FROM PUBLIC;
GRANT ALL ON FUNCTION api.store_list() TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.store_report(store_id uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.store_report(store_id uuid) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.store_report(store_id uuid) IS 'A store''s report of yesterday: revenue, orders, best sellers, products out of stock.';
REVOKE ALL ON FUNCTION api.store_report(store_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION api.store_report(store_id uuid) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.table_list() RETURNS TABLE(table_name text, description text, schema text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.table_list() OWNER TO mcp_tools;
COMMENT ON FUNCTION api.table_list() IS 'The tables that a query may read, each with the address of its schema.';
REVOKE ALL ON FUNCTION api.table_list() FROM PUBLIC;
GRANT ALL ON FUNCTION api.table_list() TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.table_schema(table_name text) RETURNS mcp_tool.table_schema
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.table_schema(table_name text) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.table_schema(table_name text) IS 'Columns, keys, joins and valid values of a table, for writing a query.';
REVOKE ALL ON FUNCTION api.table_schema(table_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.table_schema(table_name text) TO mcp_core, store_managers, regional_managers, head_office;

CREATE FUNCTION api.weekly_review(store text DEFAULT NULL::text) RETURNS SETOF mcp_tool.prompt_message
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION api.weekly_review(store text) OWNER TO mcp_tools;
COMMENT ON FUNCTION api.weekly_review(store text) IS 'Review the last seven days of your stores, with what to do next.';
REVOKE ALL ON FUNCTION api.weekly_review(store text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.weekly_review(store text) TO mcp_core, store_managers, regional_managers, head_office;

CREATE SCHEMA ext;
ALTER SCHEMA ext OWNER TO postgres;
COMMENT ON SCHEMA ext IS 'Extensions, and nothing else.';
GRANT USAGE ON SCHEMA ext TO zava_owner, mcp_core, mcp_tools, mcp_sandbox;

CREATE SCHEMA mcp;
ALTER SCHEMA mcp OWNER TO postgres;
COMMENT ON SCHEMA mcp IS 'The entry points that the MCP server calls, and nothing else.';
GRANT USAGE ON SCHEMA mcp TO mcp_server, mcp_core;

CREATE FUNCTION mcp.authenticate(credential text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.authenticate(credential text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.authenticate(credential text) IS 'Return the identity of a credential, and a ticket that replaces the credential in reads.';
REVOKE ALL ON FUNCTION mcp.authenticate(credential text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.authenticate(credential text) TO mcp_server;

CREATE FUNCTION mcp.call_tool(credential text, tool text, arguments jsonb, request jsonb DEFAULT '{}'::jsonb, signed text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.call_tool(credential text, tool text, arguments jsonb, request jsonb, signed text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.call_tool(credential text, tool text, arguments jsonb, request jsonb, signed text) IS 'Call a tool: verify the caller, find the tool, check the arguments, execute, shape the result. Every call of an assistant goes through this function, so psql can do exactly the same.';
REVOKE ALL ON FUNCTION mcp.call_tool(credential text, tool text, arguments jsonb, request jsonb, signed text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.call_tool(credential text, tool text, arguments jsonb, request jsonb, signed text) TO mcp_server;

CREATE FUNCTION mcp.cancel_task(credential text, task_id text, revision text DEFAULT '2026-07-28'::text, extensions jsonb DEFAULT '{"io.modelcontextprotocol/tasks": {}}'::jsonb, signed text DEFAULT NULL::text, request_id text DEFAULT ''::text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.cancel_task(credential text, task_id text, revision text, extensions jsonb, signed text, request_id text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.cancel_task(credential text, task_id text, revision text, extensions jsonb, signed text, request_id text) IS 'Cancel a task of the caller: from now on it can neither commit nor complete. One that has ended stays as it is.';
REVOKE ALL ON FUNCTION mcp.cancel_task(credential text, task_id text, revision text, extensions jsonb, signed text, request_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.cancel_task(credential text, task_id text, revision text, extensions jsonb, signed text, request_id text) TO mcp_server;

CREATE FUNCTION mcp.check_login() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.check_login() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.check_login() IS 'Return why the current login must not serve clients from this database, and whether a call could leave something in its session. The server refuses to start if there is a reason, and resets a connection after each call unless the database is locked down.';
REVOKE ALL ON FUNCTION mcp.check_login() FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.check_login() TO mcp_server;

CREATE FUNCTION mcp.claim_task() RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.claim_task() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.claim_task() IS 'Take the oldest task that waits, or that another server began and gave no sign of life of since; no two get the same. One whose caller has as many running as it may waits on; one that was begun five times, or whose caller may not call any more, is failed.';
REVOKE ALL ON FUNCTION mcp.claim_task() FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.claim_task() TO mcp_server;

CREATE FUNCTION mcp.complete(credential text, ref jsonb, argument jsonb, context jsonb DEFAULT '{}'::jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.complete(credential text, ref jsonb, argument jsonb, context jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.complete(credential text, ref jsonb, argument jsonb, context jsonb) IS 'Complete an argument of a prompt, or a variable of a resource template, with the tagged function or the labels of its enum.';
REVOKE ALL ON FUNCTION mcp.complete(credential text, ref jsonb, argument jsonb, context jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.complete(credential text, ref jsonb, argument jsonb, context jsonb) TO mcp_server;

CREATE FUNCTION mcp.end_export(export_id uuid, row_count bigint, bytes bigint, sha256 text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.end_export(export_id uuid, row_count bigint, bytes bigint, sha256 text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.end_export(export_id uuid, row_count bigint, bytes bigint, sha256 text) IS 'Complete an export that this transaction began, once its file is there, and log it.';
REVOKE ALL ON FUNCTION mcp.end_export(export_id uuid, row_count bigint, bytes bigint, sha256 text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.end_export(export_id uuid, row_count bigint, bytes bigint, sha256 text) TO mcp_server;

CREATE FUNCTION mcp.export_query_rows(step integer, argument text) RETURNS SETOF record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'mcp_sandbox', 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.export_query_rows(step integer, argument text) OWNER TO mcp_sandbox;
COMMENT ON FUNCTION mcp.export_query_rows(step integer, argument text) IS 'Read the next rows of the query that mcp_catalog.open_query opened in this transaction, with the rights of free queries.';
REVOKE ALL ON FUNCTION mcp.export_query_rows(step integer, argument text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.export_query_rows(step integer, argument text) TO mcp_server;

CREATE FUNCTION mcp.export_rows(step integer, export_id uuid) RETURNS SETOF record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.export_rows(step integer, export_id uuid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.export_rows(step integer, export_id uuid) IS 'Read the next rows of the result that mcp_catalog.open_export began to read in this transaction: a page, or as many of a cursor.';
REVOKE ALL ON FUNCTION mcp.export_rows(step integer, export_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.export_rows(step integer, export_id uuid) TO mcp_server;

CREATE FUNCTION mcp.export_step(step integer) RETURNS SETOF integer
    LANGUAGE sql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.export_step(step integer) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.export_step(step integer) IS 'Say whether an export goes on, for the COPY of mcp_catalog.open_export.';
REVOKE ALL ON FUNCTION mcp.export_step(step integer) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.export_step(step integer) TO mcp_server;

CREATE FUNCTION mcp.fail_task(task_id uuid, lease uuid, result jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.fail_task(task_id uuid, lease uuid, result jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.fail_task(task_id uuid, lease uuid, result jsonb) IS 'End a task whose run has failed, with what the client is told.';
REVOKE ALL ON FUNCTION mcp.fail_task(task_id uuid, lease uuid, result jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.fail_task(task_id uuid, lease uuid, result jsonb) TO mcp_server;

CREATE FUNCTION mcp.fault_place(context text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.fault_place(context text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.fault_place(context text) IS 'Return the file and line where an error was raised: of the innermost function in the error''s context that a managed file made. For audiences of developers.';
REVOKE ALL ON FUNCTION mcp.fault_place(context text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.fault_place(context text) TO mcp_server;

CREATE FUNCTION mcp.finish_embeddings(model text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.finish_embeddings(model text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.finish_embeddings(model text) IS 'Switch searches to a model whose vectors are complete, and build its index: that of tools, and by the application''s hook that of its texts.';
REVOKE ALL ON FUNCTION mcp.finish_embeddings(model text) FROM PUBLIC;

CREATE FUNCTION mcp.get_export(credential text, file text, request jsonb DEFAULT '{}'::jsonb, signed text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.get_export(credential text, file text, request jsonb, signed text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.get_export(credential text, file text, request jsonb, signed text) IS 'Say whether a caller may have the file of an export, whole or in part. The server asks before each download, and logs it.';
REVOKE ALL ON FUNCTION mcp.get_export(credential text, file text, request jsonb, signed text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.get_export(credential text, file text, request jsonb, signed text) TO mcp_server;

CREATE FUNCTION mcp.get_prompt(credential text, prompt text, arguments jsonb DEFAULT '{}'::jsonb, request jsonb DEFAULT '{}'::jsonb, signed text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.get_prompt(credential text, prompt text, arguments jsonb, request jsonb, signed text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.get_prompt(credential text, prompt text, arguments jsonb, request jsonb, signed text) IS 'Get a prompt: verify the caller, find the prompt, check the arguments, execute it read-only.';
REVOKE ALL ON FUNCTION mcp.get_prompt(credential text, prompt text, arguments jsonb, request jsonb, signed text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.get_prompt(credential text, prompt text, arguments jsonb, request jsonb, signed text) TO mcp_server;

CREATE FUNCTION mcp.get_skill(credential text, uri text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.get_skill(credential text, uri text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.get_skill(credential text, uri text) IS 'Return the entry of one skill, as mcp.list_skills gives it. mcp.read_resource reads its text.';
REVOKE ALL ON FUNCTION mcp.get_skill(credential text, uri text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.get_skill(credential text, uri text) TO mcp_server;

CREATE FUNCTION mcp.get_task(credential text, task_id text, revision text DEFAULT '2026-07-28'::text, extensions jsonb DEFAULT '{"io.modelcontextprotocol/tasks": {}}'::jsonb) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.get_task(credential text, task_id text, revision text, extensions jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.get_task(credential text, task_id text, revision text, extensions jsonb) IS 'Say how a task of the caller is.';
REVOKE ALL ON FUNCTION mcp.get_task(credential text, task_id text, revision text, extensions jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.get_task(credential text, task_id text, revision text, extensions jsonb) TO mcp_server;

CREATE FUNCTION mcp.handle(credential text, method text, params text, context jsonb DEFAULT '{}'::jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.handle(credential text, method text, params text, context jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.handle(credential text, method text, params text, context jsonb) IS 'Answer one request of a client. The server sends this statement for every method. It calls the entry point of the method, and shapes the answer for the client''s protocol revision.';
REVOKE ALL ON FUNCTION mcp.handle(credential text, method text, params text, context jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.handle(credential text, method text, params text, context jsonb) TO mcp_server;

CREATE FUNCTION mcp.health() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.health() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.health() IS 'Return the state of the database for the server''s readiness and "zava-mcp doctor". No secret, no row of the application.';
REVOKE ALL ON FUNCTION mcp.health() FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.health() TO mcp_server;

CREATE FUNCTION mcp.list_prompts(credential text, cursor text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.list_prompts(credential text, cursor text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.list_prompts(credential text, cursor text) IS 'Return the prompts that the caller''s audience may use, in MCP''s form, ordered by name.';
REVOKE ALL ON FUNCTION mcp.list_prompts(credential text, cursor text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.list_prompts(credential text, cursor text) TO mcp_server;

CREATE FUNCTION mcp.list_resource_templates(credential text, cursor text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.list_resource_templates(credential text, cursor text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.list_resource_templates(credential text, cursor text) IS 'Return the templates of resources that the caller''s audience may read, in MCP''s form, ordered by name.';
REVOKE ALL ON FUNCTION mcp.list_resource_templates(credential text, cursor text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.list_resource_templates(credential text, cursor text) TO mcp_server;

CREATE FUNCTION mcp.list_resources(credential text, cursor text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.list_resources(credential text, cursor text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.list_resources(credential text, cursor text) IS 'Return the resources that the caller''s audience may read, in MCP''s form, ordered by name, the texts of skills among them; templates are listed apart.';
REVOKE ALL ON FUNCTION mcp.list_resources(credential text, cursor text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.list_resources(credential text, cursor text) TO mcp_server;

CREATE FUNCTION mcp.list_skills(credential text, cursor text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.list_skills(credential text, cursor text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.list_skills(credential text, cursor text) IS 'Return the skills that the caller''s audience may use, in the form of the extension io.modelcontextprotocol/skills, ordered by address.';
REVOKE ALL ON FUNCTION mcp.list_skills(credential text, cursor text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.list_skills(credential text, cursor text) TO mcp_server;

CREATE FUNCTION mcp.list_tasks(credential text, cursor text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.list_tasks(credential text, cursor text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.list_tasks(credential text, cursor text) IS 'List the tasks of the caller, the oldest first, for a client of 2025-11-25; later revisions have no such list.';
REVOKE ALL ON FUNCTION mcp.list_tasks(credential text, cursor text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.list_tasks(credential text, cursor text) TO mcp_server;

CREATE FUNCTION mcp.list_tools(credential text, cursor text DEFAULT NULL::text, extensions jsonb DEFAULT '{}'::jsonb, groups text[] DEFAULT NULL::text[], found_tools text[] DEFAULT '{}'::text[]) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.list_tools(credential text, cursor text, extensions jsonb, groups text[], found_tools text[]) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.list_tools(credential text, cursor text, extensions jsonb, groups text[], found_tools text[]) IS 'Return the tools that the caller''s audience may execute, in MCP''s form, ordered by name.';
REVOKE ALL ON FUNCTION mcp.list_tools(credential text, cursor text, extensions jsonb, groups text[], found_tools text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.list_tools(credential text, cursor text, extensions jsonb, groups text[], found_tools text[]) TO mcp_server;

CREATE FUNCTION mcp.lost_exports(files text[]) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.lost_exports(files text[]) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.lost_exports(files text[]) IS 'Return the files that no export has: those that have expired, and those whose server was lost while it wrote them. The server asks for files that are older than any that is being written, and deletes these.';
REVOKE ALL ON FUNCTION mcp.lost_exports(files text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.lost_exports(files text[]) TO mcp_server;

CREATE FUNCTION mcp.maintain() RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.maintain() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.maintain() IS 'Run the hourly upkeep: the application''s hook maintain, spent assertions, expired tasks and exports, and seals, partitions and retention of the call log. The server or cron calls it.';
REVOKE ALL ON FUNCTION mcp.maintain() FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.maintain() TO mcp_server;

CREATE FUNCTION mcp.pending_embeddings(model text, batch integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.pending_embeddings(model text, batch integer) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.pending_embeddings(model text, batch integer) IS 'Return the next texts that have no vector of a model: passages of tools, and what the application''s hook gives.';
REVOKE ALL ON FUNCTION mcp.pending_embeddings(model text, batch integer) FROM PUBLIC;

CREATE FUNCTION mcp.prepare_task(task_id uuid, lease uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.prepare_task(task_id uuid, lease uuid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.prepare_task(task_id uuid, lease uuid) IS 'Give the transaction the time that a task may take, before mcp.run_task: the login''s own limits are those of calls.';
REVOKE ALL ON FUNCTION mcp.prepare_task(task_id uuid, lease uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.prepare_task(task_id uuid, lease uuid) TO mcp_server;

CREATE FUNCTION mcp.read_resource(credential text, uri text, request jsonb DEFAULT '{}'::jsonb, signed text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.read_resource(credential text, uri text, request jsonb, signed text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.read_resource(credential text, uri text, request jsonb, signed text) IS 'Read a resource: verify the caller, find the resource of this address, execute it read-only.';
REVOKE ALL ON FUNCTION mcp.read_resource(credential text, uri text, request jsonb, signed text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.read_resource(credential text, uri text, request jsonb, signed text) TO mcp_server;

CREATE FUNCTION mcp.record_calls(calls jsonb) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.record_calls(calls jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.record_calls(calls jsonb) IS 'Log calls that the server answered: reads, refusals, failures. mcp.call_tool logs successful writes.';
REVOKE ALL ON FUNCTION mcp.record_calls(calls jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.record_calls(calls jsonb) TO mcp_server;

CREATE FUNCTION mcp.release_task(task_id uuid, lease uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.release_task(task_id uuid, lease uuid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.release_task(task_id uuid, lease uuid) IS 'Give a task back that a server does not run to its end, since it stops: another begins it again, at once.';
REVOKE ALL ON FUNCTION mcp.release_task(task_id uuid, lease uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.release_task(task_id uuid, lease uuid) TO mcp_server;

CREATE FUNCTION mcp.renew_task(task_id uuid, lease uuid, progress text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.renew_task(task_id uuid, lease uuid, progress text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.renew_task(task_id uuid, lease uuid, progress text) IS 'Say that a task still runs, and how far it is.';
REVOKE ALL ON FUNCTION mcp.renew_task(task_id uuid, lease uuid, progress text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.renew_task(task_id uuid, lease uuid, progress text) TO mcp_server;

CREATE FUNCTION mcp.run_task(task_id uuid, lease uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.run_task(task_id uuid, lease uuid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.run_task(task_id uuid, lease uuid) IS 'Run a task that mcp.claim_task gave, under its caller''s context as it is now, and keep its result; nobody is given it here. What the tool writes is committed with the result, and only while the lease holds: a run that was given up leaves nothing.';
REVOKE ALL ON FUNCTION mcp.run_task(task_id uuid, lease uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.run_task(task_id uuid, lease uuid) TO mcp_server;

CREATE FUNCTION mcp.shim_catalog() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.shim_catalog() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.shim_catalog() IS 'Return what the shim itself needs of the catalogue: timeouts, which arguments to embed, which tools run a caller''s own SQL, which ones write and so are logged by the database, which ones may become a task, in which formats they export their result, which ones answer content or ask first, which ones may be sent again when their outcome is not known, for how long an answer may be kept, and whether the arguments of calls are logged. Never sent to a client.';
REVOKE ALL ON FUNCTION mcp.shim_catalog() FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.shim_catalog() TO mcp_server;

CREATE FUNCTION mcp.start_task(credential text, tool text, arguments jsonb, request jsonb DEFAULT '{}'::jsonb, signed text DEFAULT NULL::text, revision text DEFAULT '2026-07-28'::text, extensions jsonb DEFAULT '{"io.modelcontextprotocol/tasks": {}}'::jsonb, is_wanted boolean DEFAULT false) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.start_task(credential text, tool text, arguments jsonb, request jsonb, signed text, revision text, extensions jsonb, is_wanted boolean) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.start_task(credential text, tool text, arguments jsonb, request jsonb, signed text, revision text, extensions jsonb, is_wanted boolean) IS 'Make a task of a call, where its tool says so and its client knows tasks; a server runs it then, with mcp.run_task.';
REVOKE ALL ON FUNCTION mcp.start_task(credential text, tool text, arguments jsonb, request jsonb, signed text, revision text, extensions jsonb, is_wanted boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.start_task(credential text, tool text, arguments jsonb, request jsonb, signed text, revision text, extensions jsonb, is_wanted boolean) TO mcp_server;

CREATE FUNCTION mcp.store_embeddings(model text, items jsonb, vectors real[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.store_embeddings(model text, items jsonb, vectors real[]) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.store_embeddings(model text, items jsonb, vectors real[]) IS 'Store vectors of a model: those of passages of tools, and by the application''s hook all others.';
REVOKE ALL ON FUNCTION mcp.store_embeddings(model text, items jsonb, vectors real[]) FROM PUBLIC;

CREATE FUNCTION mcp.task_result(credential text, task_id text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.task_result(credential text, task_id text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.task_result(credential text, task_id text) IS 'Give the result of a task of the caller to a client of 2025-11-25, which asks for it by a method of its own.';
REVOKE ALL ON FUNCTION mcp.task_result(credential text, task_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.task_result(credential text, task_id text) TO mcp_server;

CREATE FUNCTION mcp.update_task(credential text, task_id text, responses jsonb, extensions jsonb DEFAULT '{"io.modelcontextprotocol/tasks": {}}'::jsonb, signed text DEFAULT NULL::text, request_id text DEFAULT ''::text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.update_task(credential text, task_id text, responses jsonb, extensions jsonb, signed text, request_id text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.update_task(credential text, task_id text, responses jsonb, extensions jsonb, signed text, request_id text) IS 'Take answers to what a task of the caller has asked. It goes on once all are there: the tool is called again, with them.';
REVOKE ALL ON FUNCTION mcp.update_task(credential text, task_id text, responses jsonb, extensions jsonb, signed text, request_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.update_task(credential text, task_id text, responses jsonb, extensions jsonb, signed text, request_id text) TO mcp_server;

CREATE FUNCTION mcp.wal_position() RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp.wal_position() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp.wal_position() IS 'Return how far this database has written its log, or has read that of its primary. What had been committed when a primary was at a position is there on each replica that has reached it, so that comparing the two bounds how old a replica''s answers are, also while nothing is written. Positions of two timelines cannot be compared: after a failover they are of different writes.';
REVOKE ALL ON FUNCTION mcp.wal_position() FROM PUBLIC;
GRANT ALL ON FUNCTION mcp.wal_position() TO mcp_server;

CREATE SCHEMA mcp_auth;
ALTER SCHEMA mcp_auth OWNER TO postgres;
COMMENT ON SCHEMA mcp_auth IS 'Users, audiences, API keys, signing keys and the request context.';
GRANT USAGE ON SCHEMA mcp_auth TO mcp_core, mcp_tools, zava_owner;

CREATE TYPE mcp_auth.identity AS (
	user_id uuid,
	name text,
	audience name,
	scope text[],
	credential_id text,
	claims jsonb
);
ALTER TYPE mcp_auth.identity OWNER TO mcp_core;
COMMENT ON TYPE mcp_auth.identity IS 'Who calls: the user, its audience and the rows it may see.';
COMMENT ON COLUMN mcp_auth.identity.user_id IS 'User.';
COMMENT ON COLUMN mcp_auth.identity.name IS 'Display name; null in a request context.';
COMMENT ON COLUMN mcp_auth.identity.audience IS 'Decides which tools the user has.';
COMMENT ON COLUMN mcp_auth.identity.scope IS 'The rows it may see now, as the application''s scope hook says.';
COMMENT ON COLUMN mcp_auth.identity.credential_id IS 'Id of the API key, or "oauth" for an assertion; null in a request context.';
COMMENT ON COLUMN mcp_auth.identity.claims IS 'What else is known of the user: its own claims, and those of its token that are kept.';

CREATE TABLE mcp_auth.api_keys (
    key_id text NOT NULL,
    user_id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    label text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    CONSTRAINT api_keys_key_id_check CHECK ((key_id ~ '^[0-9a-f]{16}$'::text)),
    CONSTRAINT api_keys_label_check CHECK ((length(label) <= 200)),
    CONSTRAINT api_keys_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
);
ALTER TABLE mcp_auth.api_keys OWNER TO mcp_core;
COMMENT ON TABLE mcp_auth.api_keys IS 'API keys "zava_<key_id>_<secret>". The secret itself is stored nowhere.';
COMMENT ON COLUMN mcp_auth.api_keys.key_id IS 'The public part, 16 hexadecimal digits.';
COMMENT ON COLUMN mcp_auth.api_keys.user_id IS 'Whose key it is.';
COMMENT ON COLUMN mcp_auth.api_keys.secret_hash IS 'SHA-256 of the secret, which has 244 random bits.';
COMMENT ON COLUMN mcp_auth.api_keys.label IS 'What the key is for, for people.';
COMMENT ON COLUMN mcp_auth.api_keys.created_at IS 'When the key was made.';
COMMENT ON COLUMN mcp_auth.api_keys.expires_at IS 'From this moment on the key is refused; null never.';
COMMENT ON COLUMN mcp_auth.api_keys.revoked_at IS 'From this moment on the key is refused; null not revoked.';
COMMENT ON COLUMN mcp_auth.api_keys.last_used_at IS 'When it was last used, to the minute; null never.';
ALTER TABLE ONLY mcp_auth.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (key_id);
CREATE INDEX api_keys_user_id_idx ON mcp_auth.api_keys USING btree (user_id);
ALTER TABLE ONLY mcp_auth.api_keys
    ADD CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES mcp_auth.users(user_id) ON DELETE RESTRICT;

CREATE TABLE mcp_auth.audiences (
    audience name NOT NULL,
    description text NOT NULL,
    is_developers boolean DEFAULT false NOT NULL,
    CONSTRAINT audiences_audience_check CHECK ((audience ~ '^[a-z_][a-z0-9_]{0,62}$'::text))
);
ALTER TABLE mcp_auth.audiences OWNER TO mcp_core;
COMMENT ON TABLE mcp_auth.audiences IS 'The roles that carry EXECUTE on tools. A user belongs to one.';
COMMENT ON COLUMN mcp_auth.audiences.audience IS 'Name of a role of this cluster, nologin, member of nothing.';
COMMENT ON COLUMN mcp_auth.audiences.description IS 'Who belongs to it, for people.';
COMMENT ON COLUMN mcp_auth.audiences.is_developers IS 'Whether its users write the tools, and so see a fault in one whole.';
ALTER TABLE ONLY mcp_auth.audiences
    ADD CONSTRAINT audiences_pkey PRIMARY KEY (audience);

CREATE TABLE mcp_auth.claim_rules (
    issuer text NOT NULL,
    priority integer NOT NULL,
    claim text[] NOT NULL,
    value text NOT NULL,
    audience name NOT NULL,
    scope_claim text[],
    CONSTRAINT claim_rules_claim_check CHECK (((cardinality(claim) > 0) AND (array_position(claim, NULL::text) IS NULL))),
    CONSTRAINT claim_rules_issuer_check CHECK ((issuer <> ''::text)),
    CONSTRAINT claim_rules_scope_claim_check CHECK (((cardinality(scope_claim) > 0) AND (array_position(scope_claim, NULL::text) IS NULL)))
);
ALTER TABLE mcp_auth.claim_rules OWNER TO mcp_core;
COMMENT ON TABLE mcp_auth.claim_rules IS 'Who of an identity provider may call without a row in mcp_auth.users: what a verified access token says decides audience and scope. Without a rule that fits nobody does.';
COMMENT ON COLUMN mcp_auth.claim_rules.issuer IS 'The claim "iss", exactly.';
COMMENT ON COLUMN mcp_auth.claim_rules.priority IS 'Of the rules that fit, the one with the lowest number holds.';
COMMENT ON COLUMN mcp_auth.claim_rules.claim IS 'Path of the claim that the rule reads, such as {groups} or {realm_access,roles}.';
COMMENT ON COLUMN mcp_auth.claim_rules.value IS 'What the claim must be, or hold where it is an array.';
COMMENT ON COLUMN mcp_auth.claim_rules.audience IS 'The audience of whom the rule fits.';
COMMENT ON COLUMN mcp_auth.claim_rules.scope_claim IS 'Path of the claim with the ids of the scope: a string, a number or an array of them; null for an empty scope.';
ALTER TABLE ONLY mcp_auth.claim_rules
    ADD CONSTRAINT claim_rules_pkey PRIMARY KEY (issuer, priority);
CREATE INDEX claim_rules_audience_idx ON mcp_auth.claim_rules USING btree (audience);
ALTER TABLE ONLY mcp_auth.claim_rules
    ADD CONSTRAINT claim_rules_audience_fkey FOREIGN KEY (audience) REFERENCES mcp_auth.audiences(audience) ON DELETE RESTRICT;

CREATE TABLE mcp_auth.limits (
    audience name,
    calls_per_minute integer NOT NULL,
    concurrent_calls integer NOT NULL,
    concurrent_queries integer NOT NULL,
    tasks integer DEFAULT 100 NOT NULL,
    concurrent_tasks integer DEFAULT 2 NOT NULL,
    exports integer DEFAULT 20 NOT NULL,
    export_bytes bigint DEFAULT 2000000000 NOT NULL,
    CONSTRAINT limits_calls_per_minute_check CHECK (((calls_per_minute >= 1) AND (calls_per_minute <= 1000000))),
    CONSTRAINT limits_concurrent_calls_check CHECK (((concurrent_calls >= 1) AND (concurrent_calls <= 1000))),
    CONSTRAINT limits_concurrent_queries_check CHECK (((concurrent_queries >= 1) AND (concurrent_queries <= concurrent_calls))),
    CONSTRAINT limits_concurrent_tasks_check CHECK (((concurrent_tasks >= 1) AND (concurrent_tasks <= tasks))),
    CONSTRAINT limits_export_bytes_check CHECK ((export_bytes >= 0)),
    CONSTRAINT limits_exports_check CHECK (((exports >= 0) AND (exports <= 100000))),
    CONSTRAINT limits_tasks_check CHECK (((tasks >= 1) AND (tasks <= 100000)))
);
ALTER TABLE mcp_auth.limits OWNER TO mcp_core;
COMMENT ON TABLE mcp_auth.limits IS 'What each caller of an audience may ask of the server. The shim counts and refuses; a change holds within a second.';
COMMENT ON COLUMN mcp_auth.limits.audience IS 'Whose callers; null is for every audience without a row of its own.';
COMMENT ON COLUMN mcp_auth.limits.calls_per_minute IS 'Calls that one user may begin within a minute, over all credentials of that user.';
COMMENT ON COLUMN mcp_auth.limits.concurrent_calls IS 'Calls of one user that may run at the same time in one process of the shim. Fewer than the connections of its pool, so that one caller cannot hold them all.';
COMMENT ON COLUMN mcp_auth.limits.concurrent_queries IS 'How many of those may be calls of tools tagged sandbox, which run the caller''s own SQL.';
COMMENT ON COLUMN mcp_auth.limits.tasks IS 'Tasks that one user may have, those whose result is kept among them.';
COMMENT ON COLUMN mcp_auth.limits.concurrent_tasks IS 'How many of those run at the same time; the others wait.';
COMMENT ON COLUMN mcp_auth.limits.exports IS 'Exports of one user that are kept at the same time; 0 none.';
COMMENT ON COLUMN mcp_auth.limits.export_bytes IS 'Bytes of all exports together that are kept of one user.';
ALTER TABLE ONLY mcp_auth.limits
    ADD CONSTRAINT limits_audience_key UNIQUE NULLS NOT DISTINCT (audience);
ALTER TABLE ONLY mcp_auth.limits
    ADD CONSTRAINT limits_audience_fkey FOREIGN KEY (audience) REFERENCES mcp_auth.audiences(audience) ON DELETE RESTRICT;

CREATE TABLE mcp_auth.signing_keys (
    purpose text NOT NULL,
    inner_key bytea NOT NULL,
    outer_key bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT signing_keys_inner_key_check CHECK ((octet_length(inner_key) = 64)),
    CONSTRAINT signing_keys_outer_key_check CHECK ((octet_length(outer_key) = 64)),
    CONSTRAINT signing_keys_purpose_check CHECK ((purpose = ANY (ARRAY['state'::text, 'context'::text, 'assertion'::text, 'assertion_previous'::text, 'call_log'::text, 'cursor'::text, 'mask'::text, 'ticket'::text])))
);
ALTER TABLE mcp_auth.signing_keys OWNER TO mcp_core;
COMMENT ON TABLE mcp_auth.signing_keys IS 'Keys of HMAC-SHA256 (RFC 2104), random and made here, as the two padded blocks the algorithm hashes first.';
COMMENT ON COLUMN mcp_auth.signing_keys.purpose IS 'What is signed with it.';
COMMENT ON COLUMN mcp_auth.signing_keys.inner_key IS 'The 64-byte key xor 0x36.';
COMMENT ON COLUMN mcp_auth.signing_keys.outer_key IS 'The 64-byte key xor 0x5c.';
COMMENT ON COLUMN mcp_auth.signing_keys.created_at IS 'When the key was made.';
ALTER TABLE ONLY mcp_auth.signing_keys
    ADD CONSTRAINT signing_keys_pkey PRIMARY KEY (purpose);

CREATE TABLE mcp_auth.used_assertions (
    digest bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT used_assertions_digest_check CHECK ((octet_length(digest) = 32))
);
ALTER TABLE mcp_auth.used_assertions OWNER TO mcp_core;
COMMENT ON TABLE mcp_auth.used_assertions IS 'Assertions, and states of questions, that a writing tool was called with, each good for one call. Written by mcp_auth.spend.';
COMMENT ON COLUMN mcp_auth.used_assertions.digest IS 'SHA-256 of it.';
COMMENT ON COLUMN mcp_auth.used_assertions.expires_at IS 'From this moment on it is refused anyway; the row is removed a while after.';
ALTER TABLE ONLY mcp_auth.used_assertions
    ADD CONSTRAINT used_assertions_pkey PRIMARY KEY (digest);
CREATE INDEX used_assertions_expires_at_idx ON mcp_auth.used_assertions USING btree (expires_at);

CREATE TABLE mcp_auth.users (
    user_id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    audience name NOT NULL,
    scope text[] DEFAULT '{}'::text[] NOT NULL,
    external_id text,
    claims jsonb DEFAULT '{}'::jsonb NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_claims_check CHECK (((jsonb_typeof(claims) = 'object'::text) AND (octet_length((claims)::text) <= 8192))),
    CONSTRAINT users_name_check CHECK (((name = btrim(name)) AND ((length(name) >= 1) AND (length(name) <= 200)))),
    CONSTRAINT users_scope_check CHECK (((array_position(scope, NULL::text) IS NULL) AND (array_to_string(scope, ''::text) !~ '[[:cntrl:]]'::text)))
);
ALTER TABLE mcp_auth.users OWNER TO mcp_core;
COMMENT ON TABLE mcp_auth.users IS 'One row a person or agent that may call tools.';
COMMENT ON COLUMN mcp_auth.users.user_id IS 'Key.';
COMMENT ON COLUMN mcp_auth.users.name IS 'Display name, 1 to 200 characters.';
COMMENT ON COLUMN mcp_auth.users.audience IS 'Decides which tools the user has.';
COMMENT ON COLUMN mcp_auth.users.scope IS 'What the user was granted: ids whose meaning and type are the application''s (a branch, a region), as text without control characters. Decides which rows.';
COMMENT ON COLUMN mcp_auth.users.external_id IS 'Subject of the user at an identity provider, if there is one.';
COMMENT ON COLUMN mcp_auth.users.claims IS 'What else is known of the user, {name: value}, at most 8192 bytes; policies read it by mcp_auth.claim. It goes before what an access token says.';
COMMENT ON COLUMN mcp_auth.users.is_active IS 'False refuses every credential of the user.';
COMMENT ON COLUMN mcp_auth.users.created_at IS 'When the user was added.';
ALTER TABLE ONLY mcp_auth.users
    ADD CONSTRAINT users_external_id_key UNIQUE (external_id);
ALTER TABLE ONLY mcp_auth.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (user_id);
CREATE INDEX users_audience_idx ON mcp_auth.users USING btree (audience);
ALTER TABLE ONLY mcp_auth.users
    ADD CONSTRAINT users_audience_fkey FOREIGN KEY (audience) REFERENCES mcp_auth.audiences(audience) ON DELETE RESTRICT;
GRANT REFERENCES ON TABLE mcp_auth.users TO zava_owner;
GRANT SELECT(user_id) ON TABLE mcp_auth.users TO zava_owner;

CREATE FUNCTION mcp_auth.add_audience(audience name, description text, is_developers boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.add_audience(audience name, description text, is_developers boolean) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.add_audience(audience name, description text, is_developers boolean) IS 'Add an audience: a role with EXECUTE on tools. The role is created if it is missing.';
REVOKE ALL ON FUNCTION mcp_auth.add_audience(audience name, description text, is_developers boolean) FROM PUBLIC;

CREATE FUNCTION mcp_auth.add_claim_rule(issuer text, claim text[], value text, audience name, scope_claim text[] DEFAULT NULL::text[], priority integer DEFAULT NULL::integer) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.add_claim_rule(issuer text, claim text[], value text, audience name, scope_claim text[], priority integer) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.add_claim_rule(issuer text, claim text[], value text, audience name, scope_claim text[], priority integer) IS 'Admit callers of an identity provider without registering them, if a claim of their access token has a value.';
REVOKE ALL ON FUNCTION mcp_auth.add_claim_rule(issuer text, claim text[], value text, audience name, scope_claim text[], priority integer) FROM PUBLIC;

CREATE FUNCTION mcp_auth.add_server_login(login name) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.add_server_login(login name) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.add_server_login(login name) IS 'Make the login of the MCP server: create it if it is missing, let it execute the entry points, and limit its statements in this database. A second call changes nothing. The login gets no password. A login that was there before keeps its settings: it only gets the entry points, and a warning says so.';
REVOKE ALL ON FUNCTION mcp_auth.add_server_login(login name) FROM PUBLIC;

CREATE FUNCTION mcp_auth.add_user(name text, audience name, scope text[] DEFAULT '{}'::text[], external_id text DEFAULT NULL::text, claims jsonb DEFAULT '{}'::jsonb) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.add_user(name text, audience name, scope text[], external_id text, claims jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.add_user(name text, audience name, scope text[], external_id text, claims jsonb) IS 'Add a user.';
REVOKE ALL ON FUNCTION mcp_auth.add_user(name text, audience name, scope text[], external_id text, claims jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_auth.api_key_owner(credential text) RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.api_key_owner(credential text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.api_key_owner(credential text) IS 'Return the owner of an API key.';
REVOKE ALL ON FUNCTION mcp_auth.api_key_owner(credential text) FROM PUBLIC;

CREATE FUNCTION mcp_auth.assertion_claims(credential text, action text, signed text, request_id text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.assertion_claims(credential text, action text, signed text, request_id text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.assertion_claims(credential text, action text, signed text, request_id text) IS 'Return the claims of a caller''s access token, which the server has verified for this one action.';
REVOKE ALL ON FUNCTION mcp_auth.assertion_claims(credential text, action text, signed text, request_id text) FROM PUBLIC;

CREATE FUNCTION mcp_auth.begin_request(credential text, action text DEFAULT '/authenticate'::text, signed text DEFAULT '{}'::text, request_id text DEFAULT ''::text) RETURNS mcp_auth.identity
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.begin_request(credential text, action text, signed text, request_id text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.begin_request(credential text, action text, signed text, request_id text) IS 'Verify a credential and write the signed context for this transaction.';
REVOKE ALL ON FUNCTION mcp_auth.begin_request(credential text, action text, signed text, request_id text) FROM PUBLIC;

CREATE FUNCTION mcp_auth.change_user(user_id uuid, audience name DEFAULT NULL::name, scope text[] DEFAULT NULL::text[], claims jsonb DEFAULT NULL::jsonb, is_active boolean DEFAULT NULL::boolean, external_id text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.change_user(user_id uuid, audience name, scope text[], claims jsonb, is_active boolean, external_id text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.change_user(user_id uuid, audience name, scope text[], claims jsonb, is_active boolean, external_id text) IS 'Change a user; what is null stays as it is. Writes notice it at once, reads within a second.';
REVOKE ALL ON FUNCTION mcp_auth.change_user(user_id uuid, audience name, scope text[], claims jsonb, is_active boolean, external_id text) FROM PUBLIC;

CREATE FUNCTION mcp_auth.check_audience(audience name) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.check_audience(audience name) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.check_audience(audience name) IS 'Raise an error that lists the audiences, unless this is one.';
REVOKE ALL ON FUNCTION mcp_auth.check_audience(audience name) FROM PUBLIC;

CREATE FUNCTION mcp_auth.claim(name text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.claim(name text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.claim(name text) IS 'Return a claim of the caller, for policies: using (region = (select mcp_auth.claim(''region''))).';
REVOKE ALL ON FUNCTION mcp_auth.claim(name text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_auth.claim(name text) TO mcp_tools, mcp_sandbox;

CREATE FUNCTION mcp_auth.claimed_identity(claims jsonb) RETURNS mcp_auth.identity
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.claimed_identity(claims jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.claimed_identity(claims jsonb) IS 'Return the caller that a claim rule derives from a verified access token.';
REVOKE ALL ON FUNCTION mcp_auth.claimed_identity(claims jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_auth.claimed_user_id(issuer text, subject text) RETURNS uuid
    LANGUAGE sql IMMUTABLE STRICT SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.claimed_user_id(issuer text, subject text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.claimed_user_id(issuer text, subject text) IS 'Return the id of a caller admitted by a claim rule. It never changes, and is used like a registered user''s id in the call log, limits and cursors.';
REVOKE ALL ON FUNCTION mcp_auth.claimed_user_id(issuer text, subject text) FROM PUBLIC;

CREATE FUNCTION mcp_auth.clear_context() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.clear_context() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.clear_context() IS 'Clear the caller: from now on no row is visible.';
REVOKE ALL ON FUNCTION mcp_auth.clear_context() FROM PUBLIC;

CREATE FUNCTION mcp_auth.context() RETURNS mcp_auth.identity
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.context() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.context() IS 'Return the caller that mcp_auth.set_context wrote, after verifying the signature, the backend and the transaction.';
REVOKE ALL ON FUNCTION mcp_auth.context() FROM PUBLIC;

CREATE FUNCTION mcp_auth.create_api_key(user_id uuid, label text DEFAULT ''::text, expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.create_api_key(user_id uuid, label text, expires_at timestamp with time zone) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.create_api_key(user_id uuid, label text, expires_at timestamp with time zone) IS 'Create an API key for a user. Only a hash is stored, so the key is returned only this time.';
REVOKE ALL ON FUNCTION mcp_auth.create_api_key(user_id uuid, label text, expires_at timestamp with time zone) FROM PUBLIC;

CREATE FUNCTION mcp_auth.current_user_id() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.current_user_id() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.current_user_id() IS 'Return the user of the running call.';
REVOKE ALL ON FUNCTION mcp_auth.current_user_id() FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_auth.current_user_id() TO mcp_tools;

CREATE FUNCTION mcp_auth.find_user(id_or_name text) RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.find_user(id_or_name text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.find_user(id_or_name text) IS 'Return the user with an id or an exact name; of several with the name, the active one.';
REVOKE ALL ON FUNCTION mcp_auth.find_user(id_or_name text) FROM PUBLIC;

CREATE FUNCTION mcp_auth.has_audience(audience name) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.has_audience(audience name) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.has_audience(audience name) IS 'Return whether the caller belongs to an audience, for data that only one audience sees.';
REVOKE ALL ON FUNCTION mcp_auth.has_audience(audience name) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_auth.has_audience(audience name) TO mcp_tools, mcp_sandbox;

CREATE FUNCTION mcp_auth.identify(credential text, action text DEFAULT '/authenticate'::text, signed text DEFAULT '{}'::text, request_id text DEFAULT ''::text) RETURNS mcp_auth.identity
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.identify(credential text, action text, signed text, request_id text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.identify(credential text, action text, signed text, request_id text) IS 'Verify a credential, and return its owner with the current scope. For a ticket, the scope is that of its creation.';
REVOKE ALL ON FUNCTION mcp_auth.identify(credential text, action text, signed text, request_id text) FROM PUBLIC;

CREATE FUNCTION mcp_auth.identity_of(user_id uuid, credential_id text, claims jsonb) RETURNS mcp_auth.identity
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.identity_of(user_id uuid, credential_id text, claims jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.identity_of(user_id uuid, credential_id text, claims jsonb) IS 'Return the identity of a user with the current audience, scope and claims.';
REVOKE ALL ON FUNCTION mcp_auth.identity_of(user_id uuid, credential_id text, claims jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_auth.kept_claims(claims jsonb) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.kept_claims(claims jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.kept_claims(claims jsonb) IS 'Return the claims of an access token that the setting kept_claims names. The request context has them, policies may read them, and cached answers depend on them.';
REVOKE ALL ON FUNCTION mcp_auth.kept_claims(claims jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_auth.limits_of(audience name) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.limits_of(audience name) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.limits_of(audience name) IS 'Return the limits of a caller of an audience.';
REVOKE ALL ON FUNCTION mcp_auth.limits_of(audience name) FROM PUBLIC;

CREATE FUNCTION mcp_auth.list_api_keys(of_user uuid DEFAULT NULL::uuid) RETURNS TABLE(key_id text, user_id uuid, name text, label text, state text, created_at timestamp with time zone, expires_at timestamp with time zone, revoked_at timestamp with time zone, last_used_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.list_api_keys(of_user uuid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.list_api_keys(of_user uuid) IS 'List the API keys, for an administrator. Only their hashes are stored.';
REVOKE ALL ON FUNCTION mcp_auth.list_api_keys(of_user uuid) FROM PUBLIC;

CREATE FUNCTION mcp_auth.list_audiences() RETURNS TABLE(audience name, description text, users integer, tools integer)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.list_audiences() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.list_audiences() IS 'List the audiences, for an administrator.';
REVOKE ALL ON FUNCTION mcp_auth.list_audiences() FROM PUBLIC;

CREATE FUNCTION mcp_auth.list_users() RETURNS TABLE(user_id uuid, name text, audience name, scope text[], external_id text, claims jsonb, is_active boolean, created_at timestamp with time zone, keys integer)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.list_users() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.list_users() IS 'List the users, for an administrator.';
REVOKE ALL ON FUNCTION mcp_auth.list_users() FROM PUBLIC;

CREATE FUNCTION mcp_auth.read_ticket(ticket text) RETURNS mcp_auth.identity
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.read_ticket(ticket text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.read_ticket(ticket text) IS 'Verify a ticket with one HMAC, without reading users and keys. So a revoked key, a removed user and a changed scope take effect when its second ends.';
REVOKE ALL ON FUNCTION mcp_auth.read_ticket(ticket text) FROM PUBLIC;

CREATE FUNCTION mcp_auth.remove_audience(audience name) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.remove_audience(audience name) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.remove_audience(audience name) IS 'Remove an audience with its users, their keys and its claim rules. The role stays, since other databases may use it.';
REVOKE ALL ON FUNCTION mcp_auth.remove_audience(audience name) FROM PUBLIC;

CREATE FUNCTION mcp_auth.remove_server_login(login name) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.remove_server_login(login name) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.remove_server_login(login name) IS 'Undo mcp_auth.add_server_login in this database. The role stays, since other databases may use it, and a login that was there before add_server_login keeps its settings.';
REVOKE ALL ON FUNCTION mcp_auth.remove_server_login(login name) FROM PUBLIC;

CREATE FUNCTION mcp_auth.resumed_identity(user_id uuid, credential_id text, claims jsonb) RETURNS mcp_auth.identity
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.resumed_identity(user_id uuid, credential_id text, claims jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.resumed_identity(user_id uuid, credential_id text, claims jsonb) IS 'Return the identity of a caller whose credential was verified when a task was asked for, with the current audience, scope and claims.';
REVOKE ALL ON FUNCTION mcp_auth.resumed_identity(user_id uuid, credential_id text, claims jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_auth.revoke_api_key(key_id text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.revoke_api_key(key_id text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.revoke_api_key(key_id text) IS 'Revoke one API key, from the next call on.';
REVOKE ALL ON FUNCTION mcp_auth.revoke_api_key(key_id text) FROM PUBLIC;

CREATE FUNCTION mcp_auth.revoke_api_keys(user_id uuid, label text DEFAULT NULL::text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.revoke_api_keys(user_id uuid, label text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.revoke_api_keys(user_id uuid, label text) IS 'Revoke a user''s API keys, from the next call on.';
REVOKE ALL ON FUNCTION mcp_auth.revoke_api_keys(user_id uuid, label text) FROM PUBLIC;

CREATE FUNCTION mcp_auth.rotate_signing_key(purpose text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.rotate_signing_key(purpose text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.rotate_signing_key(purpose text) IS 'Replace a signing key by a new one.';
REVOKE ALL ON FUNCTION mcp_auth.rotate_signing_key(purpose text) FROM PUBLIC;

CREATE FUNCTION mcp_auth.scope_bigint() RETURNS bigint[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.scope_bigint() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.scope_bigint() IS 'Return the ids in the caller''s scope that are each a bigint, for policies: using (tenant_id = any((select mcp_auth.scope_bigint())::bigint[])).';
REVOKE ALL ON FUNCTION mcp_auth.scope_bigint() FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_auth.scope_bigint() TO mcp_tools, mcp_sandbox;

CREATE FUNCTION mcp_auth.scope_digest(identity mcp_auth.identity) RETURNS bytea
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.scope_digest(identity mcp_auth.identity) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.scope_digest(identity mcp_auth.identity) IS 'Return a digest of what decides which rows a caller sees: callers with the same digest see the same rows.';
REVOKE ALL ON FUNCTION mcp_auth.scope_digest(identity mcp_auth.identity) FROM PUBLIC;

CREATE FUNCTION mcp_auth.scope_of(identity mcp_auth.identity) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.scope_of(identity mcp_auth.identity) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.scope_of(identity mcp_auth.identity) IS 'Return the scope of a user from the application''s scope hook. Without a hook it is the granted scope.';
REVOKE ALL ON FUNCTION mcp_auth.scope_of(identity mcp_auth.identity) FROM PUBLIC;

CREATE FUNCTION mcp_auth.scope_text() RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.scope_text() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.scope_text() IS 'Return the ids in the caller''s scope, for policies: using (tenant = any((select mcp_auth.scope_text())::text[])).';
REVOKE ALL ON FUNCTION mcp_auth.scope_text() FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_auth.scope_text() TO mcp_tools, mcp_sandbox;

CREATE FUNCTION mcp_auth.scope_uuid() RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.scope_uuid() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.scope_uuid() IS 'Return the ids in the caller''s scope that are each a uuid, for policies: using (tenant_id = any((select mcp_auth.scope_uuid())::uuid[])).';
REVOKE ALL ON FUNCTION mcp_auth.scope_uuid() FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_auth.scope_uuid() TO mcp_tools, mcp_sandbox;

CREATE FUNCTION mcp_auth.set_context(identity mcp_auth.identity) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.set_context(identity mcp_auth.identity) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.set_context(identity mcp_auth.identity) IS 'Write the signed request context, for this transaction only.';
REVOKE ALL ON FUNCTION mcp_auth.set_context(identity mcp_auth.identity) FROM PUBLIC;

CREATE FUNCTION mcp_auth.set_signing_key(purpose text, key bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.set_signing_key(purpose text, key bytea) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.set_signing_key(purpose text, key bytea) IS 'Replace a key of HMAC-SHA256, stored as the two padded blocks that RFC 2104 hashes first.';
REVOKE ALL ON FUNCTION mcp_auth.set_signing_key(purpose text, key bytea) FROM PUBLIC;

CREATE FUNCTION mcp_auth.sign(purpose text, payload text) RETURNS text
    LANGUAGE sql STABLE STRICT SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.sign(purpose text, payload text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.sign(purpose text, payload text) IS 'Return the HMAC-SHA256 (RFC 2104) of a text with a key that never leaves the database.';
REVOKE ALL ON FUNCTION mcp_auth.sign(purpose text, payload text) FROM PUBLIC;

CREATE FUNCTION mcp_auth.spend(secret text, expires_at timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.spend(secret text, expires_at timestamp with time zone) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.spend(secret text, expires_at timestamp with time zone) IS 'Record that something valid for one write was used, in the transaction of the write. A failed write does not use it.';
REVOKE ALL ON FUNCTION mcp_auth.spend(secret text, expires_at timestamp with time zone) FROM PUBLIC;

CREATE FUNCTION mcp_auth.touch_api_keys(key_ids text[], used_at timestamp with time zone) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.touch_api_keys(key_ids text[], used_at timestamp with time zone) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.touch_api_keys(key_ids text[], used_at timestamp with time zone) IS 'Record that API keys were used, with at most one write per minute and key.';
REVOKE ALL ON FUNCTION mcp_auth.touch_api_keys(key_ids text[], used_at timestamp with time zone) FROM PUBLIC;

CREATE FUNCTION mcp_auth.use_once(credential text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.use_once(credential text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.use_once(credential text) IS 'Spend an assertion, which mcp_auth.identify accepted, on a call that writes, in the transaction of the write. A failed write does not spend it. API keys are never spent, and a ticket is only valid for reads.';
REVOKE ALL ON FUNCTION mcp_auth.use_once(credential text) FROM PUBLIC;

CREATE FUNCTION mcp_auth.write_ticket(identity mcp_auth.identity) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_auth.write_ticket(identity mcp_auth.identity) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_auth.write_ticket(identity mcp_auth.identity) IS 'Create a ticket that replaces a verified credential in reads, for one second and in this database.';
REVOKE ALL ON FUNCTION mcp_auth.write_ticket(identity mcp_auth.identity) FROM PUBLIC;

CREATE SCHEMA mcp_catalog;
ALTER SCHEMA mcp_catalog OWNER TO postgres;
COMMENT ON SCHEMA mcp_catalog IS 'Tools, resources, prompts and completions with their schemas, and how comments and types become them.';
GRANT USAGE ON SCHEMA mcp_catalog TO mcp_core;

CREATE TYPE mcp_catalog.parameter AS (
	name text,
	client_name text,
	type_name text,
	is_scalar boolean,
	is_required boolean,
	is_nullable boolean,
	dimensions integer,
	json_type text,
	requirement text,
	schema jsonb
);
ALTER TYPE mcp_catalog.parameter OWNER TO mcp_core;
COMMENT ON TYPE mcp_catalog.parameter IS 'An argument of a tool.';
COMMENT ON COLUMN mcp_catalog.parameter.name IS 'Name in SQL.';
COMMENT ON COLUMN mcp_catalog.parameter.client_name IS 'Name that the client uses.';
COMMENT ON COLUMN mcp_catalog.parameter.type_name IS 'PostgreSQL type, qualified.';
COMMENT ON COLUMN mcp_catalog.parameter.is_scalar IS 'Whether it is neither an array nor a composite.';
COMMENT ON COLUMN mcp_catalog.parameter.is_required IS 'Whether it has no default.';
COMMENT ON COLUMN mcp_catalog.parameter.is_nullable IS 'Whether null may be sent: its default is null.';
COMMENT ON COLUMN mcp_catalog.parameter.dimensions IS 'Length of the vector that the shim makes from the client''s text; null for all others.';
COMMENT ON COLUMN mcp_catalog.parameter.json_type IS 'JSON type that must be sent; null any.';
COMMENT ON COLUMN mcp_catalog.parameter.requirement IS 'What it must be, to follow "must be".';
COMMENT ON COLUMN mcp_catalog.parameter.schema IS 'JSON Schema of it.';

CREATE TABLE mcp_catalog.catalog_refusal (
    function text NOT NULL,
    reason text NOT NULL
);
ALTER TABLE mcp_catalog.catalog_refusal OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.catalog_refusal IS 'Functions in exposed schemas that are not offered, and why.';
COMMENT ON COLUMN mcp_catalog.catalog_refusal.function IS 'The function with its argument types.';
COMMENT ON COLUMN mcp_catalog.catalog_refusal.reason IS 'What to change.';
ALTER TABLE ONLY mcp_catalog.catalog_refusal
    ADD CONSTRAINT catalog_refusal_pkey PRIMARY KEY (function, reason);

CREATE TABLE mcp_catalog.catalog_state (
    only_row boolean DEFAULT true NOT NULL,
    is_stale boolean NOT NULL,
    digest text NOT NULL,
    refreshed_at timestamp with time zone NOT NULL,
    CONSTRAINT catalog_state_only_row_check CHECK (only_row)
);
ALTER TABLE mcp_catalog.catalog_state OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.catalog_state IS 'One row: whether the catalogue matches the functions, and its fingerprint.';
COMMENT ON COLUMN mcp_catalog.catalog_state.only_row IS 'Always true.';
COMMENT ON COLUMN mcp_catalog.catalog_state.is_stale IS 'Set by DDL, cleared by mcp_catalog.refresh_catalog.';
COMMENT ON COLUMN mcp_catalog.catalog_state.digest IS 'SHA-256 of all that clients and the shim see, hexadecimal.';
COMMENT ON COLUMN mcp_catalog.catalog_state.refreshed_at IS 'When the catalogue was last built.';
ALTER TABLE ONLY mcp_catalog.catalog_state
    ADD CONSTRAINT catalog_state_pkey PRIMARY KEY (only_row);
CREATE CONSTRAINT TRIGGER catalog_state_refresh AFTER UPDATE ON mcp_catalog.catalog_state DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.is_stale) EXECUTE FUNCTION mcp_catalog.refresh_if_stale();
COMMENT ON TRIGGER catalog_state_refresh ON mcp_catalog.catalog_state IS 'Refreshes the catalogue at the commit, when DDL marked it stale.';

CREATE TABLE mcp_catalog.completions (
    name text CONSTRAINT tools_name_not_null NOT NULL,
    function text CONSTRAINT tools_function_not_null NOT NULL,
    title text CONSTRAINT tools_title_not_null NOT NULL,
    description text CONSTRAINT tools_description_not_null NOT NULL,
    parameters mcp_catalog.parameter[] CONSTRAINT tools_parameters_not_null NOT NULL,
    input_schema jsonb CONSTRAINT tools_input_schema_not_null NOT NULL,
    output_schema jsonb,
    annotations jsonb CONSTRAINT tools_annotations_not_null NOT NULL,
    result_kind text CONSTRAINT tools_result_kind_not_null NOT NULL,
    is_read_only boolean CONSTRAINT tools_is_read_only_not_null NOT NULL,
    timeout_ms integer CONSTRAINT tools_timeout_ms_not_null NOT NULL,
    cache_seconds integer CONSTRAINT tools_cache_seconds_not_null NOT NULL,
    embeds jsonb CONSTRAINT tools_embeds_not_null NOT NULL,
    page_key text[],
    has_columns boolean CONSTRAINT tools_has_columns_not_null NOT NULL,
    call_text text CONSTRAINT tools_call_text_not_null NOT NULL,
    call_template text CONSTRAINT tools_call_template_not_null NOT NULL,
    asks_first boolean CONSTRAINT tools_asks_first_not_null NOT NULL,
    picture jsonb,
    definition jsonb CONSTRAINT tools_definition_not_null NOT NULL,
    groups text[] CONSTRAINT tools_groups_not_null NOT NULL,
    completes text[] NOT NULL,
    task text,
    task_timeout_ms integer,
    task_asks_first boolean,
    exports text[],
    has_pair boolean,
    owner regrole,
    CONSTRAINT completions_exports_check CHECK ((exports IS NULL)),
    CONSTRAINT completions_is_read_only_check CHECK (is_read_only),
    CONSTRAINT completions_task_check CHECK ((task IS NULL))
);
ALTER TABLE mcp_catalog.completions OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.completions IS 'One row a function that completes arguments. Written by mcp_catalog.refresh_catalog alone.';
COMMENT ON COLUMN mcp_catalog.completions.name IS 'What clients call it: the name of the function.';
COMMENT ON COLUMN mcp_catalog.completions.function IS 'The function with its argument types.';
COMMENT ON COLUMN mcp_catalog.completions.title IS 'For people, from @tool title= or the first line of the comment.';
COMMENT ON COLUMN mcp_catalog.completions.description IS 'For the model, from the comment.';
COMMENT ON COLUMN mcp_catalog.completions.parameters IS 'Its arguments in order.';
COMMENT ON COLUMN mcp_catalog.completions.input_schema IS 'JSON Schema 2020-12 of the arguments.';
COMMENT ON COLUMN mcp_catalog.completions.output_schema IS 'JSON Schema 2020-12 of the result; null for void.';
COMMENT ON COLUMN mcp_catalog.completions.annotations IS 'The MCP annotations, from volatility and tags.';
COMMENT ON COLUMN mcp_catalog.completions.result_kind IS 'set, row, scalar, void, or content: the form of the result.';
COMMENT ON COLUMN mcp_catalog.completions.is_read_only IS 'Whether the function is not VOLATILE, so that it runs in a read-only transaction.';
COMMENT ON COLUMN mcp_catalog.completions.timeout_ms IS 'Milliseconds it may run.';
COMMENT ON COLUMN mcp_catalog.completions.cache_seconds IS 'Seconds for which an answer may be kept; 0 not at all.';
COMMENT ON COLUMN mcp_catalog.completions.embeds IS 'For each text argument that is embedded: the vector parameter and its dimensions.';
COMMENT ON COLUMN mcp_catalog.completions.page_key IS 'Columns of the result by which its pages follow one another; null when it gives no pages.';
COMMENT ON COLUMN mcp_catalog.completions.has_columns IS 'Whether a row of the result has named columns.';
COMMENT ON COLUMN mcp_catalog.completions.call_text IS 'The statement that calls it without arguments, as mcp_catalog.call_statement gives it.';
COMMENT ON COLUMN mcp_catalog.completions.call_template IS 'The same with arguments, as a format: %1$s their columns, %2$s how they are passed.';
COMMENT ON COLUMN mcp_catalog.completions.asks_first IS 'Whether the user is asked before it runs: @tool destructive.';
COMMENT ON COLUMN mcp_catalog.completions.picture IS 'How people see its result, as mcp_catalog.picture gives it; null as nothing but text.';
COMMENT ON COLUMN mcp_catalog.completions.definition IS 'What tools/list gives of it: name, title, description, annotations and brief schemas.';
COMMENT ON COLUMN mcp_catalog.completions.groups IS 'Groups that it belongs to, from @tool group=; a client at /mcp/{group} gets that group alone.';
COMMENT ON COLUMN mcp_catalog.completions.completes IS 'What it completes: the name of a prompt or resource, a dot, and its argument.';
COMMENT ON COLUMN mcp_catalog.completions.task IS 'Null.';
COMMENT ON COLUMN mcp_catalog.completions.task_timeout_ms IS 'Null.';
COMMENT ON COLUMN mcp_catalog.completions.task_asks_first IS 'Null.';
COMMENT ON COLUMN mcp_catalog.completions.exports IS 'Null.';
COMMENT ON COLUMN mcp_catalog.completions.has_pair IS 'Null.';
COMMENT ON COLUMN mcp_catalog.completions.owner IS 'Its owner; of another owner it is not called.';
ALTER TABLE ONLY mcp_catalog.completions
    ADD CONSTRAINT completions_pkey PRIMARY KEY (name);

CREATE TABLE mcp_catalog.exposed_schemas (
    schema name NOT NULL
);
ALTER TABLE mcp_catalog.exposed_schemas OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.exposed_schemas IS 'Schemas whose functions are offered.';
COMMENT ON COLUMN mcp_catalog.exposed_schemas.schema IS 'Name of a schema whose functions are offered: tools, resources, prompts, completions.';
ALTER TABLE ONLY mcp_catalog.exposed_schemas
    ADD CONSTRAINT exposed_schemas_pkey PRIMARY KEY (schema);

CREATE TABLE mcp_catalog.hooks (
    hook text NOT NULL,
    function text NOT NULL,
    owner regrole,
    CONSTRAINT hooks_hook_check CHECK ((hook = ANY (ARRAY['scope'::text, 'pending_embeddings'::text, 'store_embeddings'::text, 'finish_embeddings'::text, 'maintain'::text, 'terms'::text])))
);
ALTER TABLE mcp_catalog.hooks OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.hooks IS 'Functions by which the application answers questions of the core, so that the core names no table of it.';
COMMENT ON COLUMN mcp_catalog.hooks.hook IS 'The question; see mcp_catalog.register_hook for the signature each one has.';
COMMENT ON COLUMN mcp_catalog.hooks.function IS 'The function that answers it, with its argument types.';
COMMENT ON COLUMN mcp_catalog.hooks.owner IS 'Its owner; of another owner it is not called.';
ALTER TABLE ONLY mcp_catalog.hooks
    ADD CONSTRAINT hooks_pkey PRIMARY KEY (hook);

CREATE TABLE mcp_catalog.passage_vectors (
    model text NOT NULL,
    digest bytea NOT NULL,
    vector real[] NOT NULL
);
ALTER TABLE mcp_catalog.passage_vectors OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.passage_vectors IS 'Vectors of passages, which outlive a refresh of the catalogue. Written by zava-mcp embed.';
COMMENT ON COLUMN mcp_catalog.passage_vectors.model IS 'The model that made it.';
COMMENT ON COLUMN mcp_catalog.passage_vectors.digest IS 'SHA-256 of the passage.';
COMMENT ON COLUMN mcp_catalog.passage_vectors.vector IS 'The vector, without zeros at its end.';
ALTER TABLE ONLY mcp_catalog.passage_vectors
    ADD CONSTRAINT passage_vectors_pkey PRIMARY KEY (model, digest);

CREATE TABLE mcp_catalog.prompts (
    name text CONSTRAINT tools_name_not_null NOT NULL,
    function text CONSTRAINT tools_function_not_null NOT NULL,
    title text CONSTRAINT tools_title_not_null NOT NULL,
    description text CONSTRAINT tools_description_not_null NOT NULL,
    parameters mcp_catalog.parameter[] CONSTRAINT tools_parameters_not_null NOT NULL,
    input_schema jsonb CONSTRAINT tools_input_schema_not_null NOT NULL,
    output_schema jsonb,
    annotations jsonb CONSTRAINT tools_annotations_not_null NOT NULL,
    result_kind text CONSTRAINT tools_result_kind_not_null NOT NULL,
    is_read_only boolean CONSTRAINT tools_is_read_only_not_null NOT NULL,
    timeout_ms integer CONSTRAINT tools_timeout_ms_not_null NOT NULL,
    cache_seconds integer CONSTRAINT tools_cache_seconds_not_null NOT NULL,
    embeds jsonb CONSTRAINT tools_embeds_not_null NOT NULL,
    page_key text[],
    has_columns boolean CONSTRAINT tools_has_columns_not_null NOT NULL,
    call_text text CONSTRAINT tools_call_text_not_null NOT NULL,
    call_template text CONSTRAINT tools_call_template_not_null NOT NULL,
    asks_first boolean CONSTRAINT tools_asks_first_not_null NOT NULL,
    picture jsonb,
    definition jsonb CONSTRAINT tools_definition_not_null NOT NULL,
    groups text[] CONSTRAINT tools_groups_not_null NOT NULL,
    task text,
    task_timeout_ms integer,
    task_asks_first boolean,
    exports text[],
    has_pair boolean,
    owner regrole,
    CONSTRAINT prompts_exports_check CHECK ((exports IS NULL)),
    CONSTRAINT prompts_is_read_only_check CHECK (is_read_only),
    CONSTRAINT prompts_task_check CHECK ((task IS NULL))
);
ALTER TABLE mcp_catalog.prompts OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.prompts IS 'One row a function that is a prompt. Written by mcp_catalog.refresh_catalog alone.';
COMMENT ON COLUMN mcp_catalog.prompts.name IS 'What clients call it: the name of the function.';
COMMENT ON COLUMN mcp_catalog.prompts.function IS 'The function with its argument types.';
COMMENT ON COLUMN mcp_catalog.prompts.title IS 'For people, from @tool title= or the first line of the comment.';
COMMENT ON COLUMN mcp_catalog.prompts.description IS 'For the model, from the comment.';
COMMENT ON COLUMN mcp_catalog.prompts.parameters IS 'Its arguments in order.';
COMMENT ON COLUMN mcp_catalog.prompts.input_schema IS 'JSON Schema 2020-12 of the arguments.';
COMMENT ON COLUMN mcp_catalog.prompts.output_schema IS 'JSON Schema 2020-12 of the result; null for void.';
COMMENT ON COLUMN mcp_catalog.prompts.annotations IS 'The MCP annotations, from volatility and tags.';
COMMENT ON COLUMN mcp_catalog.prompts.result_kind IS 'set, row, scalar, void, or content: the form of the result.';
COMMENT ON COLUMN mcp_catalog.prompts.is_read_only IS 'Whether the function is not VOLATILE, so that it runs in a read-only transaction.';
COMMENT ON COLUMN mcp_catalog.prompts.timeout_ms IS 'Milliseconds it may run.';
COMMENT ON COLUMN mcp_catalog.prompts.cache_seconds IS 'Seconds for which an answer may be kept; 0 not at all.';
COMMENT ON COLUMN mcp_catalog.prompts.embeds IS 'For each text argument that is embedded: the vector parameter and its dimensions.';
COMMENT ON COLUMN mcp_catalog.prompts.page_key IS 'Columns of the result by which its pages follow one another; null when it gives no pages.';
COMMENT ON COLUMN mcp_catalog.prompts.has_columns IS 'Whether a row of the result has named columns.';
COMMENT ON COLUMN mcp_catalog.prompts.call_text IS 'The statement that calls it without arguments, as mcp_catalog.call_statement gives it.';
COMMENT ON COLUMN mcp_catalog.prompts.call_template IS 'The same with arguments, as a format: %1$s their columns, %2$s how they are passed.';
COMMENT ON COLUMN mcp_catalog.prompts.asks_first IS 'Whether the user is asked before it runs: @tool destructive.';
COMMENT ON COLUMN mcp_catalog.prompts.picture IS 'How people see its result, as mcp_catalog.picture gives it; null as nothing but text.';
COMMENT ON COLUMN mcp_catalog.prompts.definition IS 'What tools/list gives of it: name, title, description, annotations and brief schemas.';
COMMENT ON COLUMN mcp_catalog.prompts.groups IS 'Groups that it belongs to, from @tool group=; a client at /mcp/{group} gets that group alone.';
COMMENT ON COLUMN mcp_catalog.prompts.task IS 'Null.';
COMMENT ON COLUMN mcp_catalog.prompts.task_timeout_ms IS 'Null.';
COMMENT ON COLUMN mcp_catalog.prompts.task_asks_first IS 'Null.';
COMMENT ON COLUMN mcp_catalog.prompts.exports IS 'Null.';
COMMENT ON COLUMN mcp_catalog.prompts.has_pair IS 'Null.';
COMMENT ON COLUMN mcp_catalog.prompts.owner IS 'Its owner; of another owner it is not called.';
ALTER TABLE ONLY mcp_catalog.prompts
    ADD CONSTRAINT prompts_pkey PRIMARY KEY (name);

CREATE TABLE mcp_catalog.resources (
    name text CONSTRAINT tools_name_not_null NOT NULL,
    function text CONSTRAINT tools_function_not_null NOT NULL,
    title text CONSTRAINT tools_title_not_null NOT NULL,
    description text CONSTRAINT tools_description_not_null NOT NULL,
    parameters mcp_catalog.parameter[] CONSTRAINT tools_parameters_not_null NOT NULL,
    input_schema jsonb CONSTRAINT tools_input_schema_not_null NOT NULL,
    output_schema jsonb,
    annotations jsonb CONSTRAINT tools_annotations_not_null NOT NULL,
    result_kind text CONSTRAINT tools_result_kind_not_null NOT NULL,
    is_read_only boolean CONSTRAINT tools_is_read_only_not_null NOT NULL,
    timeout_ms integer CONSTRAINT tools_timeout_ms_not_null NOT NULL,
    cache_seconds integer CONSTRAINT tools_cache_seconds_not_null NOT NULL,
    embeds jsonb CONSTRAINT tools_embeds_not_null NOT NULL,
    page_key text[],
    has_columns boolean CONSTRAINT tools_has_columns_not_null NOT NULL,
    call_text text CONSTRAINT tools_call_text_not_null NOT NULL,
    call_template text CONSTRAINT tools_call_template_not_null NOT NULL,
    asks_first boolean CONSTRAINT tools_asks_first_not_null NOT NULL,
    picture jsonb,
    definition jsonb CONSTRAINT tools_definition_not_null NOT NULL,
    groups text[] CONSTRAINT tools_groups_not_null NOT NULL,
    uri text NOT NULL,
    pattern text NOT NULL,
    mime_type text NOT NULL,
    task text,
    task_timeout_ms integer,
    task_asks_first boolean,
    exports text[],
    has_pair boolean,
    owner regrole,
    CONSTRAINT resources_exports_check CHECK ((exports IS NULL)),
    CONSTRAINT resources_is_read_only_check CHECK (is_read_only),
    CONSTRAINT resources_task_check CHECK ((task IS NULL))
);
ALTER TABLE mcp_catalog.resources OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.resources IS 'One row a function that is a resource. Written by mcp_catalog.refresh_catalog alone.';
COMMENT ON COLUMN mcp_catalog.resources.name IS 'What clients call it: the name of the function.';
COMMENT ON COLUMN mcp_catalog.resources.function IS 'The function with its argument types.';
COMMENT ON COLUMN mcp_catalog.resources.title IS 'For people, from @tool title= or the first line of the comment.';
COMMENT ON COLUMN mcp_catalog.resources.description IS 'For the model, from the comment.';
COMMENT ON COLUMN mcp_catalog.resources.parameters IS 'Its arguments in order.';
COMMENT ON COLUMN mcp_catalog.resources.input_schema IS 'JSON Schema 2020-12 of the arguments.';
COMMENT ON COLUMN mcp_catalog.resources.output_schema IS 'JSON Schema 2020-12 of the result; null for void.';
COMMENT ON COLUMN mcp_catalog.resources.annotations IS 'The MCP annotations, from volatility and tags.';
COMMENT ON COLUMN mcp_catalog.resources.result_kind IS 'set, row, scalar, void, or content: the form of the result.';
COMMENT ON COLUMN mcp_catalog.resources.is_read_only IS 'Whether the function is not VOLATILE, so that it runs in a read-only transaction.';
COMMENT ON COLUMN mcp_catalog.resources.timeout_ms IS 'Milliseconds it may run.';
COMMENT ON COLUMN mcp_catalog.resources.cache_seconds IS 'Seconds for which an answer may be kept; 0 not at all.';
COMMENT ON COLUMN mcp_catalog.resources.embeds IS 'For each text argument that is embedded: the vector parameter and its dimensions.';
COMMENT ON COLUMN mcp_catalog.resources.page_key IS 'Columns of the result by which its pages follow one another; null when it gives no pages.';
COMMENT ON COLUMN mcp_catalog.resources.has_columns IS 'Whether a row of the result has named columns.';
COMMENT ON COLUMN mcp_catalog.resources.call_text IS 'The statement that calls it without arguments, as mcp_catalog.call_statement gives it.';
COMMENT ON COLUMN mcp_catalog.resources.call_template IS 'The same with arguments, as a format: %1$s their columns, %2$s how they are passed.';
COMMENT ON COLUMN mcp_catalog.resources.asks_first IS 'Whether the user is asked before it runs: @tool destructive.';
COMMENT ON COLUMN mcp_catalog.resources.picture IS 'How people see its result, as mcp_catalog.picture gives it; null as nothing but text.';
COMMENT ON COLUMN mcp_catalog.resources.definition IS 'What tools/list gives of it: name, title, description, annotations and brief schemas.';
COMMENT ON COLUMN mcp_catalog.resources.groups IS 'Groups that it belongs to, from @tool group=; a client at /mcp/{group} gets that group alone.';
COMMENT ON COLUMN mcp_catalog.resources.uri IS 'Its address, or the template of it: each {variable} is an argument.';
COMMENT ON COLUMN mcp_catalog.resources.pattern IS 'The regular expression of the addresses that it answers, one group a variable.';
COMMENT ON COLUMN mcp_catalog.resources.mime_type IS 'MIME type of what it gives.';
COMMENT ON COLUMN mcp_catalog.resources.task IS 'Null.';
COMMENT ON COLUMN mcp_catalog.resources.task_timeout_ms IS 'Null.';
COMMENT ON COLUMN mcp_catalog.resources.task_asks_first IS 'Null.';
COMMENT ON COLUMN mcp_catalog.resources.exports IS 'Null.';
COMMENT ON COLUMN mcp_catalog.resources.has_pair IS 'Null.';
COMMENT ON COLUMN mcp_catalog.resources.owner IS 'Its owner; of another owner it is not called.';
ALTER TABLE ONLY mcp_catalog.resources
    ADD CONSTRAINT resources_pkey PRIMARY KEY (name);
ALTER TABLE ONLY mcp_catalog.resources
    ADD CONSTRAINT resources_uri_key UNIQUE (uri);

CREATE TABLE mcp_catalog.settings (
    name text NOT NULL,
    value jsonb NOT NULL,
    description text NOT NULL
);
ALTER TABLE mcp_catalog.settings OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.settings IS 'Settings that the database itself obeys.';
COMMENT ON COLUMN mcp_catalog.settings.name IS 'Key.';
COMMENT ON COLUMN mcp_catalog.settings.value IS 'The value in force.';
COMMENT ON COLUMN mcp_catalog.settings.description IS 'What it does, in which unit.';
ALTER TABLE ONLY mcp_catalog.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (name);
CREATE TRIGGER settings_check BEFORE UPDATE OF value ON mcp_catalog.settings FOR EACH ROW WHEN ((old.value IS DISTINCT FROM new.value)) EXECUTE FUNCTION mcp_catalog.check_setting();
COMMENT ON TRIGGER settings_check ON mcp_catalog.settings IS 'Refuses a value of another type.';

CREATE TABLE mcp_catalog.skills (
    name text NOT NULL,
    function text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    named text[] NOT NULL,
    content text NOT NULL,
    digest text NOT NULL,
    size integer NOT NULL,
    CONSTRAINT skills_name_check CHECK (((name ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND (length(name) <= 64)))
);
ALTER TABLE mcp_catalog.skills OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.skills IS 'One row a function that is a skill. Written by mcp_catalog.refresh_catalog alone.';
COMMENT ON COLUMN mcp_catalog.skills.name IS 'What clients call it: the name of the function, with hyphens.';
COMMENT ON COLUMN mcp_catalog.skills.function IS 'The function that returns its text, with its argument types.';
COMMENT ON COLUMN mcp_catalog.skills.title IS 'For people, from @skill title= or the first line of the comment.';
COMMENT ON COLUMN mcp_catalog.skills.description IS 'When to use it, from the comment, at most 1024 characters.';
COMMENT ON COLUMN mcp_catalog.skills.named IS 'Functions of exposed schemas that its text names, with their argument types: it is for those who may execute them all.';
COMMENT ON COLUMN mcp_catalog.skills.content IS 'Its SKILL.md: front matter and text.';
COMMENT ON COLUMN mcp_catalog.skills.digest IS 'SHA-256 of the content in UTF-8: sha256: and hexadecimal digits.';
COMMENT ON COLUMN mcp_catalog.skills.size IS 'Bytes of the content in UTF-8.';
ALTER TABLE ONLY mcp_catalog.skills
    ADD CONSTRAINT skills_pkey PRIMARY KEY (name);

CREATE TABLE mcp_catalog.terms (
    word text NOT NULL,
    meaning text NOT NULL,
    subject text NOT NULL,
    relation regclass,
    query text
);
ALTER TABLE mcp_catalog.terms OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.terms IS 'The vocabulary of the application. Written by mcp_catalog.refresh_terms alone.';
COMMENT ON COLUMN mcp_catalog.terms.word IS 'The word or words.';
COMMENT ON COLUMN mcp_catalog.terms.meaning IS 'What it means here.';
COMMENT ON COLUMN mcp_catalog.terms.subject IS 'The table or tool that has the answer.';
COMMENT ON COLUMN mcp_catalog.terms.relation IS 'The table or view; null where it is a tool.';
COMMENT ON COLUMN mcp_catalog.terms.query IS 'A SELECT that answers it; null none.';
ALTER TABLE ONLY mcp_catalog.terms
    ADD CONSTRAINT terms_pkey PRIMARY KEY (word, subject);

CREATE TABLE mcp_catalog.tool_passages (
    tool text NOT NULL,
    "position" integer NOT NULL,
    passage text NOT NULL,
    digest bytea NOT NULL
);
ALTER TABLE mcp_catalog.tool_passages OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.tool_passages IS 'The passages that say what a tool is for. Written by mcp_catalog.refresh_catalog alone.';
COMMENT ON COLUMN mcp_catalog.tool_passages.tool IS 'Name of the tool.';
COMMENT ON COLUMN mcp_catalog.tool_passages."position" IS '0 its name and title, 1 its title and what comes first, then each sentence.';
COMMENT ON COLUMN mcp_catalog.tool_passages.passage IS 'The text.';
COMMENT ON COLUMN mcp_catalog.tool_passages.digest IS 'SHA-256 of the text.';
ALTER TABLE ONLY mcp_catalog.tool_passages
    ADD CONSTRAINT tool_passages_pkey PRIMARY KEY (tool, "position");

CREATE TABLE mcp_catalog.tool_vectors (
    model text NOT NULL,
    tool text NOT NULL,
    source bytea NOT NULL,
    vector real[] NOT NULL,
    signs bit varying NOT NULL
);
ALTER TABLE mcp_catalog.tool_vectors OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.tool_vectors IS 'The mean of the vectors of a tool''s passages. Written by mcp_catalog.refresh_tool_vectors alone.';
COMMENT ON COLUMN mcp_catalog.tool_vectors.model IS 'The model.';
COMMENT ON COLUMN mcp_catalog.tool_vectors.tool IS 'Name of the tool.';
COMMENT ON COLUMN mcp_catalog.tool_vectors.source IS 'SHA-256 of the digests of its passages.';
COMMENT ON COLUMN mcp_catalog.tool_vectors.vector IS 'Of length 1, without zeros at its end.';
COMMENT ON COLUMN mcp_catalog.tool_vectors.signs IS 'A bit for each of 1536 numbers, 1 for a positive one: few differ between near vectors.';
ALTER TABLE ONLY mcp_catalog.tool_vectors
    ADD CONSTRAINT tool_vectors_pkey PRIMARY KEY (model, tool);

CREATE TABLE mcp_catalog.tool_words (
    word text NOT NULL,
    tool text NOT NULL,
    weight double precision NOT NULL
);
ALTER TABLE mcp_catalog.tool_words OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.tool_words IS 'The words of each tool, by which it is found. Written by mcp_catalog.refresh_catalog alone.';
COMMENT ON COLUMN mcp_catalog.tool_words.word IS 'A word, stemmed.';
COMMENT ON COLUMN mcp_catalog.tool_words.tool IS 'Name of the tool.';
COMMENT ON COLUMN mcp_catalog.tool_words.weight IS 'How much it says of the tool: BM25 without the part that depends on who asks.';
ALTER TABLE ONLY mcp_catalog.tool_words
    ADD CONSTRAINT tool_words_pkey PRIMARY KEY (word, tool);

CREATE TABLE mcp_catalog.tools (
    name text NOT NULL,
    function text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    parameters mcp_catalog.parameter[] NOT NULL,
    input_schema jsonb NOT NULL,
    output_schema jsonb,
    annotations jsonb NOT NULL,
    result_kind text NOT NULL,
    is_read_only boolean NOT NULL,
    timeout_ms integer NOT NULL,
    cache_seconds integer NOT NULL,
    embeds jsonb NOT NULL,
    page_key text[],
    has_columns boolean NOT NULL,
    call_text text NOT NULL,
    call_template text NOT NULL,
    asks_first boolean NOT NULL,
    picture jsonb,
    definition jsonb NOT NULL,
    groups text[] NOT NULL,
    task text,
    task_timeout_ms integer,
    task_asks_first boolean,
    exports text[],
    has_pair boolean,
    owner regrole,
    CONSTRAINT tools_cache_seconds_check CHECK ((cache_seconds >= 0)),
    CONSTRAINT tools_exports_check CHECK (((exports <@ ARRAY['csv'::text, 'jsonl'::text, 'parquet'::text]) AND (exports <> '{}'::text[]))),
    CONSTRAINT tools_name_check CHECK ((name ~ '^[A-Za-z0-9_.-]{1,128}$'::text)),
    CONSTRAINT tools_result_kind_check CHECK ((result_kind = ANY (ARRAY['set'::text, 'row'::text, 'scalar'::text, 'void'::text, 'content'::text]))),
    CONSTRAINT tools_task_check CHECK ((task = ANY (ARRAY['allowed'::text, 'required'::text, 'export'::text]))),
    CONSTRAINT tools_task_timeout_ms_check CHECK (((task_timeout_ms >= 1) AND (task_timeout_ms <= 21600000))),
    CONSTRAINT tools_timeout_ms_check CHECK (((timeout_ms >= 1) AND (timeout_ms <= 60000)))
);
ALTER TABLE mcp_catalog.tools OWNER TO mcp_core;
COMMENT ON TABLE mcp_catalog.tools IS 'The catalogue: one row a function that is a tool. Written by mcp_catalog.refresh_catalog alone.';
COMMENT ON COLUMN mcp_catalog.tools.name IS 'What clients call it: the name of the function.';
COMMENT ON COLUMN mcp_catalog.tools.function IS 'The function with its argument types.';
COMMENT ON COLUMN mcp_catalog.tools.title IS 'For people, from @tool title= or the first line of the comment.';
COMMENT ON COLUMN mcp_catalog.tools.description IS 'For the model, from the comment.';
COMMENT ON COLUMN mcp_catalog.tools.parameters IS 'Its arguments in order.';
COMMENT ON COLUMN mcp_catalog.tools.input_schema IS 'JSON Schema 2020-12 of the arguments.';
COMMENT ON COLUMN mcp_catalog.tools.output_schema IS 'JSON Schema 2020-12 of the result; null for void.';
COMMENT ON COLUMN mcp_catalog.tools.annotations IS 'The MCP annotations, from volatility and tags.';
COMMENT ON COLUMN mcp_catalog.tools.result_kind IS 'set, row, scalar, void, or content: the form of the result.';
COMMENT ON COLUMN mcp_catalog.tools.is_read_only IS 'Whether the function is not VOLATILE, so that it runs in a read-only transaction.';
COMMENT ON COLUMN mcp_catalog.tools.timeout_ms IS 'Milliseconds it may run.';
COMMENT ON COLUMN mcp_catalog.tools.cache_seconds IS 'Seconds for which an answer may be kept; 0 not at all.';
COMMENT ON COLUMN mcp_catalog.tools.embeds IS 'For each text argument that is embedded: the vector parameter and its dimensions.';
COMMENT ON COLUMN mcp_catalog.tools.page_key IS 'Columns of the result by which its pages follow one another; null when it gives no pages.';
COMMENT ON COLUMN mcp_catalog.tools.has_columns IS 'Whether a row of the result has named columns.';
COMMENT ON COLUMN mcp_catalog.tools.call_text IS 'The statement that calls it without arguments, as mcp_catalog.call_statement gives it.';
COMMENT ON COLUMN mcp_catalog.tools.call_template IS 'The same with arguments, as a format: %1$s their columns, %2$s how they are passed.';
COMMENT ON COLUMN mcp_catalog.tools.asks_first IS 'Whether the user is asked before it runs: @tool destructive.';
COMMENT ON COLUMN mcp_catalog.tools.picture IS 'How people see its result, as mcp_catalog.picture gives it; null as nothing but text.';
COMMENT ON COLUMN mcp_catalog.tools.definition IS 'What tools/list gives of it: name, title, description, annotations and brief schemas.';
COMMENT ON COLUMN mcp_catalog.tools.groups IS 'Groups that it belongs to, from @tool group=; a client at /mcp/{group} gets that group alone.';
COMMENT ON COLUMN mcp_catalog.tools.task IS 'allowed: a call may become a task. required: it must. export: one that exports its result may. Null: it never does.';
COMMENT ON COLUMN mcp_catalog.tools.task_timeout_ms IS 'Milliseconds that it may run as a task; null where it is never one.';
COMMENT ON COLUMN mcp_catalog.tools.task_asks_first IS 'Whether what it asks is asked before there is a task; null where it is never one.';
COMMENT ON COLUMN mcp_catalog.tools.exports IS 'Formats in which a call may have its whole result as a file; null none.';
COMMENT ON COLUMN mcp_catalog.tools.has_pair IS 'Whether clients that know no tasks are offered NAME_start besides; null not.';
COMMENT ON COLUMN mcp_catalog.tools.owner IS 'Its owner; of another owner it is not called.';
ALTER TABLE ONLY mcp_catalog.tools
    ADD CONSTRAINT tools_pkey PRIMARY KEY (name);

CREATE FUNCTION mcp_catalog.add_skill(function oid, title text, description text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.add_skill(function oid, title text, description text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.add_skill(function oid, title text, description text) IS 'Add a skill to the catalogue: what its function returns, after front matter with name and description.';
REVOKE ALL ON FUNCTION mcp_catalog.add_skill(function oid, title text, description text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.add_to_catalog(function oid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.add_to_catalog(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.add_to_catalog(function oid) IS 'Add a function without refusals to the catalogue, as the kind that its comment says.';
REVOKE ALL ON FUNCTION mcp_catalog.add_to_catalog(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.answer_is_valid(answer jsonb, question jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.answer_is_valid(answer jsonb, question jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.answer_is_valid(answer jsonb, question jsonb) IS 'Return whether an answer fits its question. If not, the question is asked again.';
REVOKE ALL ON FUNCTION mcp_catalog.answer_is_valid(answer jsonb, question jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.base_type(type oid) RETURNS pg_type
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.base_type(type oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.base_type(type oid) IS 'Return the type beneath a domain, or beneath a domain over a domain.';
REVOKE ALL ON FUNCTION mcp_catalog.base_type(type oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.borrowed_rights(function oid) RETURNS SETOF text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.borrowed_rights(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.borrowed_rights(function oid) IS 'List parts of a function''s signature that would run other code as mcp_core, which reads the signing keys: a CHECK of a domain, a default or a cast to json that calls a function which is neither built in, nor of an extension, nor security definer.';
REVOKE ALL ON FUNCTION mcp_catalog.borrowed_rights(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.brief_arguments(schema jsonb, is_paged boolean DEFAULT false) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.brief_arguments(schema jsonb, is_paged boolean) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.brief_arguments(schema jsonb, is_paged boolean) IS 'Return the input schema of a tool as tools/list has it, without what no caller needs to be told: additionalProperties, since an unknown argument is refused by its name, the bounds that a type of integers has by itself, and what page_size and cursor are.';
REVOKE ALL ON FUNCTION mcp_catalog.brief_arguments(schema jsonb, is_paged boolean) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.brief_schema(schema jsonb, dropped text[] DEFAULT NULL::text[]) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.brief_schema(schema jsonb, dropped text[]) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.brief_schema(schema jsonb, dropped text[]) IS 'Return a shorter schema: only the names of its properties, or without some keywords, at all depths.';
REVOKE ALL ON FUNCTION mcp_catalog.brief_schema(schema jsonb, dropped text[]) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.call_statement(function regprocedure, result_kind text, has_columns boolean, has_arguments boolean) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.call_statement(function regprocedure, result_kind text, has_columns boolean, has_arguments boolean) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.call_statement(function regprocedure, result_kind text, has_columns boolean, has_arguments boolean) IS 'Return the statement with which mcp_catalog.run_tool calls a tool. It is built with the catalogue, not in each call.';
REVOKE ALL ON FUNCTION mcp_catalog.call_statement(function regprocedure, result_kind text, has_columns boolean, has_arguments boolean) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.check_arguments(parameters mcp_catalog.parameter[], arguments jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.check_arguments(parameters mcp_catalog.parameter[], arguments jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.check_arguments(parameters mcp_catalog.parameter[], arguments jsonb) IS 'Check the arguments of a call against the catalogue: names, presence, null, JSON type, and what PostgreSQL''s own input function of the type, its domains included, says of the value; within arrays and composites of every part. An offset in a value of a type without time zone is refused, which PostgreSQL would ignore. They count as mcp_catalog.settled_arguments gives them.';
REVOKE ALL ON FUNCTION mcp_catalog.check_arguments(parameters mcp_catalog.parameter[], arguments jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.check_cursor(cursor text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.check_cursor(cursor text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.check_cursor(cursor text) IS 'Refuse a cursor that no list returned.';
REVOKE ALL ON FUNCTION mcp_catalog.check_cursor(cursor text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.check_request(request jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.check_request(request jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.check_request(request jsonb) IS 'Check the members of a call''s request other than its arguments.';
REVOKE ALL ON FUNCTION mcp_catalog.check_request(request jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.check_setting() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.check_setting() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.check_setting() IS 'Refuse a value of mcp_catalog.settings that is of another type than the one before: calls and upkeep would fail by it.';
REVOKE ALL ON FUNCTION mcp_catalog.check_setting() FROM PUBLIC;

CREATE FUNCTION mcp_catalog.column_masks() RETURNS TABLE(relation oid, attnum smallint, column_name name, type_name text, rule text, function oid, audiences name[], problem text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.column_masks() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.column_masks() IS 'Return the lines @mask in comments of columns, of tables that tools or free queries read.';
REVOKE ALL ON FUNCTION mcp_catalog.column_masks() FROM PUBLIC;

CREATE FUNCTION mcp_catalog.confirmation(tool mcp_catalog.tools, arguments jsonb, request jsonb) RETURNS mcp_tool.result
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.confirmation(tool mcp_catalog.tools, arguments jsonb, request jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.confirmation(tool mcp_catalog.tools, arguments jsonb, request jsonb) IS 'Ask the user before a tool that is tagged destructive runs.';
REVOKE ALL ON FUNCTION mcp_catalog.confirmation(tool mcp_catalog.tools, arguments jsonb, request jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.cut(text text, length integer) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.cut(text text, length integer) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.cut(text text, length integer) IS 'Return a text of at most length characters, with a mark where it was cut.';
REVOKE ALL ON FUNCTION mcp_catalog.cut(text text, length integer) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.default_groups(audience name) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.default_groups(audience name) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.default_groups(audience name) IS 'Return the default groups of an audience: those of the setting default_groups, and the tools without a group, if it has more tools than the setting search_above.';
REVOKE ALL ON FUNCTION mcp_catalog.default_groups(audience name) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.describe_tool(function oid) RETURNS mcp_catalog.tools
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.describe_tool(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.describe_tool(function oid) IS 'Return the catalogue''s row of a function without refusals.';
REVOKE ALL ON FUNCTION mcp_catalog.describe_tool(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.domain_scale(type oid) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.domain_scale(type oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.domain_scale(type oid) IS 'How many digits the values of a domain over numeric(precision, scale) have after the point.';
REVOKE ALL ON FUNCTION mcp_catalog.domain_scale(type oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.example_refusals(function oid) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.example_refusals(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.example_refusals(function oid) IS 'List faults of a function''s @example lines: they cannot be parsed, or name unknown arguments.';
REVOKE ALL ON FUNCTION mcp_catalog.example_refusals(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.export_column(value text, type oid, format text, scale integer DEFAULT NULL::integer) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.export_column(value text, type oid, format text, scale integer) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.export_column(value text, type oid, format text, scale integer) IS 'How a column is written in an export. What has no type in Parquet is text there. In CSV a text that a spreadsheet would take for a formula gets an apostrophe before it; numbers, dates and the like are what they are.';
REVOKE ALL ON FUNCTION mcp_catalog.export_column(value text, type oid, format text, scale integer) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.export_format(tool mcp_catalog.tools, arguments jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.export_format(tool mcp_catalog.tools, arguments jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.export_format(tool mcp_catalog.tools, arguments jsonb) IS 'Say in which format a call wants its whole result as a file.';
REVOKE ALL ON FUNCTION mcp_catalog.export_format(tool mcp_catalog.tools, arguments jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.export_refusals(function oid) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.export_refusals(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.export_refusals(function oid) IS 'Why the result of a function cannot be exported as its comment says.';
REVOKE ALL ON FUNCTION mcp_catalog.export_refusals(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.export_select(columns jsonb, format text, has_names boolean, source text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.export_select(columns jsonb, format text, has_names boolean, source text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.export_select(columns jsonb, format text, has_names boolean, source text) IS 'The statement that gives the rows of an export: a column each, in JSON lines one text.';
REVOKE ALL ON FUNCTION mcp_catalog.export_select(columns jsonb, format text, has_names boolean, source text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.export_source(query text, columns text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.export_source(query text, columns text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.export_source(query text, columns text) IS 'Write a free query as what stands after FROM, its rows in its own order.';
REVOKE ALL ON FUNCTION mcp_catalog.export_source(query text, columns text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.expose_schema(name name) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.expose_schema(name name) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.expose_schema(name name) IS 'Offer the functions of a schema as tools, resources, prompts and completions, as their comments say.';
REVOKE ALL ON FUNCTION mcp_catalog.expose_schema(name name) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.exposed_functions() RETURNS SETOF oid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.exposed_functions() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.exposed_functions() IS 'List the functions in exposed schemas, refused ones included.';
REVOKE ALL ON FUNCTION mcp_catalog.exposed_functions() FROM PUBLIC;

CREATE FUNCTION mcp_catalog.finished_result(result jsonb, method text, revision text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.finished_result(result jsonb, method text, revision text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.finished_result(result jsonb, method text, revision text) IS 'Return the result object of a method, for the client''s protocol revision.';
REVOKE ALL ON FUNCTION mcp_catalog.finished_result(result jsonb, method text, revision text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.first_hidden(text text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.first_hidden(text text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.first_hidden(text text) IS 'Return where a text first holds a character that people do not see or that changes what they see: control characters other than tab and line ends, bidi marks, overrides and isolates, zero-width and other invisible characters, tag characters. One joiner, U+200C or U+200D, is part of a word or of an emoji; two in a row are not.';
REVOKE ALL ON FUNCTION mcp_catalog.first_hidden(text text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.fits_schema(value jsonb, schema jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.fits_schema(value jsonb, schema jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.fits_schema(value jsonb, schema jsonb) IS 'Return whether an object fits a form: required fields, types and choices.';
REVOKE ALL ON FUNCTION mcp_catalog.fits_schema(value jsonb, schema jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.fits_type(value jsonb, type_name text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.fits_type(value jsonb, type_name text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.fits_type(value jsonb, type_name text) IS 'Return whether PostgreSQL can make an array or composite of a type from a JSON value.';
REVOKE ALL ON FUNCTION mcp_catalog.fits_type(value jsonb, type_name text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.fitting_rows(rows jsonb, beside jsonb DEFAULT '{}'::jsonb) RETURNS integer
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.fitting_rows(rows jsonb, beside jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.fitting_rows(rows jsonb, beside jsonb) IS 'Return how many of the first rows fit into max_answer_bytes.';
REVOKE ALL ON FUNCTION mcp_catalog.fitting_rows(rows jsonb, beside jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.has_hidden_characters(text text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.has_hidden_characters(text text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.has_hidden_characters(text text) IS 'Return whether a text holds characters that people do not see or that change what they see, as mcp_catalog.first_hidden finds them.';
REVOKE ALL ON FUNCTION mcp_catalog.has_hidden_characters(text text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.has_json_type(value jsonb, json_type text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.has_json_type(value jsonb, json_type text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.has_json_type(value jsonb, json_type text) IS 'Return whether a JSON value has a type of JSON Schema. Whether a number is an integer is left to PostgreSQL''s input function.';
REVOKE ALL ON FUNCTION mcp_catalog.has_json_type(value jsonb, json_type text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.has_offset(value text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.has_offset(value text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.has_offset(value text) IS 'Return whether a text has a time of day with an offset or time zone, which a type without time zone would ignore.';
REVOKE ALL ON FUNCTION mcp_catalog.has_offset(value text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.hidden_types(function oid) RETURNS SETOF text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.hidden_types(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.hidden_types(function oid) IS 'List the types of a function that the core must name, and may not, since it may not use their schema.';
REVOKE ALL ON FUNCTION mcp_catalog.hidden_types(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.hide_schema(name name) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.hide_schema(name name) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.hide_schema(name name) IS 'Stop offering the functions of a schema.';
REVOKE ALL ON FUNCTION mcp_catalog.hide_schema(name name) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.hook(hook text) RETURNS regproc
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.hook(hook text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.hook(hook text) IS 'Return the application''s function behind a hook.';
REVOKE ALL ON FUNCTION mcp_catalog.hook(hook text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.index_passages() RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.index_passages() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.index_passages() IS 'Write the passages of all tools, which have none yet: name and title, title and first sentences, and each sentence of the description that names no other tool.';
REVOKE ALL ON FUNCTION mcp_catalog.index_passages() FROM PUBLIC;

CREATE FUNCTION mcp_catalog.index_words() RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.index_words() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.index_words() IS 'Write the words of all tools, which have none yet: those of the name, twice those of the title, those of the description with its examples, and of the vocabulary about it.';
REVOKE ALL ON FUNCTION mcp_catalog.index_words() FROM PUBLIC;

CREATE FUNCTION mcp_catalog.list_page(entries jsonb, list text, cursor text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.list_page(entries jsonb, list text, cursor text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.list_page(entries jsonb, list text, cursor text) IS 'Return one page of a list, ordered by name or else address: list_page_size entries, or fewer if an answer cannot hold them.';
REVOKE ALL ON FUNCTION mcp_catalog.list_page(entries jsonb, list text, cursor text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.mark_catalog_stale() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.mark_catalog_stale() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.mark_catalog_stale() IS 'Record that DDL may have changed a tool. Refuse a function with which a role that owns no tool would overload one. mcp_catalog.refresh_if_stale checks once, at the commit.';
REVOKE ALL ON FUNCTION mcp_catalog.mark_catalog_stale() FROM PUBLIC;

CREATE FUNCTION mcp_catalog.mask_email(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.mask_email(value text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.mask_email(value text) IS 'Mask an address: return its first letter and its domain, as in a***@example.com.';
REVOKE ALL ON FUNCTION mcp_catalog.mask_email(value text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_catalog.mask_email(value text) TO mcp_tools, mcp_sandbox;

CREATE FUNCTION mcp_catalog.mask_hash(value text) RETURNS text
    LANGUAGE sql STABLE STRICT SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.mask_hash(value text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.mask_hash(value text) IS 'Mask a text: return the beginning of an HMAC-SHA256 with a key of this database, so that equal values stay equal, and nobody who has no access to the key tries values.';
REVOKE ALL ON FUNCTION mcp_catalog.mask_hash(value text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_catalog.mask_hash(value text) TO mcp_tools, mcp_sandbox;

CREATE FUNCTION mcp_catalog.mask_last4(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.mask_last4(value text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.mask_last4(value text) IS 'Mask a text: return its last four characters, as in ****1234.';
REVOKE ALL ON FUNCTION mcp_catalog.mask_last4(value text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_catalog.mask_last4(value text) TO mcp_tools, mcp_sandbox;

CREATE FUNCTION mcp_catalog.masked_table(view oid) RETURNS oid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.masked_table(view oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.masked_table(view oid) IS 'Return the table whose columns a view masks.';
REVOKE ALL ON FUNCTION mcp_catalog.masked_table(view oid) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_catalog.masked_table(view oid) TO mcp_tools;

CREATE FUNCTION mcp_catalog.milliseconds(duration text) RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.milliseconds(duration text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.milliseconds(duration text) IS 'Milliseconds of a duration like 500ms, 5s or 10m.';
REVOKE ALL ON FUNCTION mcp_catalog.milliseconds(duration text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.misfit_hint(value jsonb, json_type text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.misfit_hint(value jsonb, json_type text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.misfit_hint(value jsonb, json_type text) IS 'Return how to send a value that has a wrong JSON type.';
REVOKE ALL ON FUNCTION mcp_catalog.misfit_hint(value jsonb, json_type text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.offered_skills(audience name) RETURNS TABLE(uri text, name text, title text, description text, content text, entry jsonb)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.offered_skills(audience name) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.offered_skills(audience name) IS 'Return the skills of an audience: those that it may execute, with everything that their text names.';
REVOKE ALL ON FUNCTION mcp_catalog.offered_skills(audience name) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.offered_tools(audience name, extensions jsonb DEFAULT '{}'::jsonb, groups text[] DEFAULT NULL::text[], found_tools text[] DEFAULT '{}'::text[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.offered_tools(audience name, extensions jsonb, groups text[], found_tools text[]) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.offered_tools(audience name, extensions jsonb, groups text[], found_tools text[]) IS 'Return the tools that an audience may execute, in MCP''s form, unordered.';
REVOKE ALL ON FUNCTION mcp_catalog.offered_tools(audience name, extensions jsonb, groups text[], found_tools text[]) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.open_export(tool mcp_catalog.tools, format text, columns text, passed text, parameters jsonb, page_start jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET cursor_tuple_fraction TO '1.0';
ALTER FUNCTION mcp_catalog.open_export(tool mcp_catalog.tools, format text, columns text, passed text, parameters jsonb, page_start jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.open_export(tool mcp_catalog.tools, format text, columns text, passed text, parameters jsonb, page_start jsonb) IS 'Begin to read the whole result of a tool, whose caller and arguments were checked, read-only. A tool that gives pages is asked for one after the other, another one through a cursor, so that the rows are never all in memory.';
REVOKE ALL ON FUNCTION mcp_catalog.open_export(tool mcp_catalog.tools, format text, columns text, passed text, parameters jsonb, page_start jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.open_query(query text, path text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'mcp_sandbox', 'pg_catalog', 'pg_temp'
    SET cursor_tuple_fraction TO '1.0';
ALTER FUNCTION mcp_catalog.open_query(query text, path text) OWNER TO mcp_sandbox;
COMMENT ON FUNCTION mcp_catalog.open_query(query text, path text) IS 'Open the cursor mcp_query for a query that is exported, with the rights of free queries. mcp.export_query_rows reads it.';
REVOKE ALL ON FUNCTION mcp_catalog.open_query(query text, path text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_catalog.open_query(query text, path text) TO mcp_core;

CREATE FUNCTION mcp_catalog.page_refusals(function oid) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.page_refusals(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.page_refusals(function oid) IS 'Return why a paged function cannot be a tool: it needs the arguments page_size and cursor and a @tool page_key.';
REVOKE ALL ON FUNCTION mcp_catalog.page_refusals(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.parse_comment(comment text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.parse_comment(comment text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.parse_comment(comment text) IS 'Parse a function''s comment: prose, with one line per paragraph, then lines that start with @.';
REVOKE ALL ON FUNCTION mcp_catalog.parse_comment(comment text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.parse_example(line text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.parse_example(line text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.parse_example(line text) IS 'Read an @example line of a comment: "a question" -> tool(argument=value, argument="two words"). A value is JSON, but no object, or a word.';
REVOKE ALL ON FUNCTION mcp_catalog.parse_example(line text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.parse_ui(lines jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.parse_ui(lines jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.parse_ui(lines jsonb) IS 'Read the @ui lines of a comment: "line x=day y=revenue,units by=store", "bar", "figures", "table", "none"; "link note -> get_note(note_id)", where note_id=id takes another column; "page Operations".';
REVOKE ALL ON FUNCTION mcp_catalog.parse_ui(lines jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.pending_passages(model text, batch integer) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.pending_passages(model text, batch integer) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.pending_passages(model text, batch integer) IS 'Return the next passages of tools that have no vector of a model; none where no tool takes a mcp_tool.embedding.';
REVOKE ALL ON FUNCTION mcp_catalog.pending_passages(model text, batch integer) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.picture(function oid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.picture(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.picture(function oid) IS 'Return how the result of a tool is drawn: as its @ui line says, else by the types of its columns. A date or timestamp and a number make lines, one a value of the first text column; a text and a number make bars; one row makes figures; all else a table. The number is the first that is no id: its name is not id or x_id, and it does not end the page_key.';
REVOKE ALL ON FUNCTION mcp_catalog.picture(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.picture_refusals(function oid) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.picture_refusals(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.picture_refusals(function oid) IS 'List faults of a function''s @ui lines: they do not fit its columns, or link to something unknown.';
REVOKE ALL ON FUNCTION mcp_catalog.picture_refusals(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.query_columns(query text, path text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'mcp_sandbox', 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.query_columns(query text, path text) OWNER TO mcp_sandbox;
COMMENT ON FUNCTION mcp_catalog.query_columns(query text, path text) IS 'Describe the columns of a query that is exported, with the rights of free queries. Nothing of it is executed.';
REVOKE ALL ON FUNCTION mcp_catalog.query_columns(query text, path text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_catalog.query_columns(query text, path text) TO mcp_core;

CREATE FUNCTION mcp_catalog.query_fault(query text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'mcp_sandbox', 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.query_fault(query text) OWNER TO mcp_sandbox;
COMMENT ON FUNCTION mcp_catalog.query_fault(query text) IS 'Run a query as free queries run, for a caller who sees no row.';
REVOKE ALL ON FUNCTION mcp_catalog.query_fault(query text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_catalog.query_fault(query text) TO mcp_core;

CREATE FUNCTION mcp_catalog.rank_completions(candidates text[], typed text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.rank_completions(candidates text[], typed text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.rank_completions(candidates text[], typed text) IS 'Return the candidates that contain the typed text, ignoring case, in order.';
REVOKE ALL ON FUNCTION mcp_catalog.rank_completions(candidates text[], typed text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.read_cursor(tool mcp_catalog.tools, arguments jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.read_cursor(tool mcp_catalog.tools, arguments jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.read_cursor(tool mcp_catalog.tools, arguments jsonb) IS 'Return the start of the requested page.';
REVOKE ALL ON FUNCTION mcp_catalog.read_cursor(tool mcp_catalog.tools, arguments jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.read_state(identity mcp_auth.identity, action text, arguments jsonb, state text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.read_state(identity mcp_auth.identity, action text, arguments jsonb, state text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.read_state(identity mcp_auth.identity, action text, arguments jsonb, state text) IS 'Return the state that mcp_catalog.write_state wrote.';
REVOKE ALL ON FUNCTION mcp_catalog.read_state(identity mcp_auth.identity, action text, arguments jsonb, state text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.refresh_catalog() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.refresh_catalog() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.refresh_catalog() IS 'Build the catalogue of tools, resources, prompts, skills and completions again, from the functions, types and comments as they are now, and the vocabulary from its hook.';
REVOKE ALL ON FUNCTION mcp_catalog.refresh_catalog() FROM PUBLIC;

CREATE FUNCTION mcp_catalog.refresh_if_stale() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.refresh_if_stale() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.refresh_if_stale() IS 'Refresh the catalogue once, at the commit of a transaction whose DDL marked it stale.';
REVOKE ALL ON FUNCTION mcp_catalog.refresh_if_stale() FROM PUBLIC;

CREATE FUNCTION mcp_catalog.refresh_terms() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.refresh_terms() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.refresh_terms() IS 'Build the vocabulary again from what the hook terms gives. What cannot be offered becomes rows of mcp_catalog.catalog_refusal: no meaning, a subject that is neither a tool nor a table that free queries read, a query that does not run.';
REVOKE ALL ON FUNCTION mcp_catalog.refresh_terms() FROM PUBLIC;

CREATE FUNCTION mcp_catalog.refresh_tool_vectors() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.refresh_tool_vectors() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.refresh_tool_vectors() IS 'Write the vectors of tools all of whose passages have one, where the passages are others than before, and forget those of passages that are gone.';
REVOKE ALL ON FUNCTION mcp_catalog.refresh_tool_vectors() FROM PUBLIC;

CREATE FUNCTION mcp_catalog.refusals(function oid) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.refusals(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.refusals(function oid) IS 'List why a function cannot be the tool, resource, prompt, skill or completion that its comment says.';
REVOKE ALL ON FUNCTION mcp_catalog.refusals(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.refuse_misfit(value jsonb, type oid, field text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.refuse_misfit(value jsonb, type oid, field text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.refuse_misfit(value jsonb, type oid, field text) IS 'Refuse a JSON value that PostgreSQL could not make a value of a type from, and name the part that does not fit, as in "lines[0].quantity". A key that a composite type does not have is refused too, which PostgreSQL would ignore.';
REVOKE ALL ON FUNCTION mcp_catalog.refuse_misfit(value jsonb, type oid, field text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.refuse_unknown_argument(name text, parameters mcp_catalog.parameter[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.refuse_unknown_argument(name text, parameters mcp_catalog.parameter[]) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.refuse_unknown_argument(name text, parameters mcp_catalog.parameter[]) IS 'Refuse an argument that a tool does not have, and name those it has.';
REVOKE ALL ON FUNCTION mcp_catalog.refuse_unknown_argument(name text, parameters mcp_catalog.parameter[]) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.register_hook(hook text, function regprocedure) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.register_hook(hook text, function regprocedure) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.register_hook(hook text, function regprocedure) IS 'Register the application''s function for a hook of the core.';
REVOKE ALL ON FUNCTION mcp_catalog.register_hook(hook text, function regprocedure) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.requirement(type oid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.requirement(type oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.requirement(type oid) IS 'Return what a value of a type must be, as text: a domain''s comment or name and check, an enum''s labels, or the name of the type.';
REVOKE ALL ON FUNCTION mcp_catalog.requirement(type oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.result_columns(function oid) RETURNS TABLE(ordinal bigint, name text, kind text, description text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.result_columns(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.result_columns(function oid) IS 'Return the columns of a row that a function returns, as a picture sees them.';
REVOKE ALL ON FUNCTION mcp_catalog.result_columns(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.result_schema(function oid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.result_schema(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.result_schema(function oid) IS 'Return the JSON Schema of what a function returns, of one row where it returns a set.';
REVOKE ALL ON FUNCTION mcp_catalog.result_schema(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.run_tool(tool mcp_catalog.tools, arguments jsonb, embeddings jsonb, export text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.run_tool(tool mcp_catalog.tools, arguments jsonb, embeddings jsonb, export text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.run_tool(tool mcp_catalog.tools, arguments jsonb, embeddings jsonb, export text) IS 'Execute a tool whose caller and arguments were checked, read-only unless it is VOLATILE, and shape its result.';
REVOKE ALL ON FUNCTION mcp_catalog.run_tool(tool mcp_catalog.tools, arguments jsonb, embeddings jsonb, export text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.schema_changes(before jsonb, after jsonb, is_result boolean, place text DEFAULT ''::text) RETURNS TABLE(change text, is_breaking boolean)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.schema_changes(before jsonb, after jsonb, is_result boolean, place text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.schema_changes(before jsonb, after jsonb, is_result boolean, place text) IS 'Return what is different between two schemas of arguments, or of results, as mcp_catalog.surface gives them, for a client that knows the first. Arguments may admit more than before, results less.';
REVOKE ALL ON FUNCTION mcp_catalog.schema_changes(before jsonb, after jsonb, is_result boolean, place text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.schema_refusals(function oid, schema text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.schema_refusals(function oid, schema text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.schema_refusals(function oid, schema text) IS 'Why the @schema of a function cannot be offered: no call that follows it would be taken.';
REVOKE ALL ON FUNCTION mcp_catalog.schema_refusals(function oid, schema text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.seal_cursor(tool mcp_catalog.tools, arguments jsonb, page_start text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.seal_cursor(tool mcp_catalog.tools, arguments jsonb, page_start text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.seal_cursor(tool mcp_catalog.tools, arguments jsonb, page_start text) IS 'Return the seal of a cursor: it holds for one user, one tool and one set of arguments, whatever the size of the page.';
REVOKE ALL ON FUNCTION mcp_catalog.seal_cursor(tool mcp_catalog.tools, arguments jsonb, page_start text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.seal_state(identity mcp_auth.identity, action text, arguments jsonb, body text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.seal_state(identity mcp_auth.identity, action text, arguments jsonb, body text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.seal_state(identity mcp_auth.identity, action text, arguments jsonb, body text) IS 'Return the seal of what a client carries from one round of questions to the next: it holds for one user, one action and its arguments.';
REVOKE ALL ON FUNCTION mcp_catalog.seal_state(identity mcp_auth.identity, action text, arguments jsonb, body text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.sent_bytes(result text) RETURNS bigint
    LANGUAGE sql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.sent_bytes(result text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.sent_bytes(result text) IS 'Return the bytes that rows or values take on the way to a client: once as structuredContent, and once as text in JSON.';
REVOKE ALL ON FUNCTION mcp_catalog.sent_bytes(result text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.settled_arguments(parameters mcp_catalog.parameter[], arguments jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.settled_arguments(parameters mcp_catalog.parameter[], arguments jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.settled_arguments(parameters mcp_catalog.parameter[], arguments jsonb) IS 'Return the arguments of a call as they are meant, since some clients fill in every field and write integers as 5.0: an optional argument that is null, or an empty text that its type does not admit, is left out, so that it takes its default; a number without a fraction is an integer where one is wanted.';
REVOKE ALL ON FUNCTION mcp_catalog.settled_arguments(parameters mcp_catalog.parameter[], arguments jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.shape_content(result jsonb, identity mcp_auth.identity, action text, arguments jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.shape_content(result jsonb, identity mcp_auth.identity, action text, arguments jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.shape_content(result jsonb, identity mcp_auth.identity, action text, arguments jsonb) IS 'Return the content of a result of type mcp_tool.result.';
REVOKE ALL ON FUNCTION mcp_catalog.shape_content(result jsonb, identity mcp_auth.identity, action text, arguments jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.shown_arguments(arguments jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.shown_arguments(arguments jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.shown_arguments(arguments jsonb) IS 'Return the arguments of a call as text for its confirmation: single values first, then the lists with their count and first ten entries. Omissions are marked.';
REVOKE ALL ON FUNCTION mcp_catalog.shown_arguments(arguments jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.shown_picture(picture jsonb, audience name) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.shown_picture(picture jsonb, audience name) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.shown_picture(picture jsonb, audience name) IS 'Return a picture for an audience: without links to tools that it may not execute.';
REVOKE ALL ON FUNCTION mcp_catalog.shown_picture(picture jsonb, audience name) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.sign_bits(vector real[]) RETURNS bit varying
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.sign_bits(vector real[]) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.sign_bits(vector real[]) IS 'Return the signs of a vector''s numbers as bits. Of vectors that point the same way few differ, and PostgreSQL counts them fast.';
REVOKE ALL ON FUNCTION mcp_catalog.sign_bits(vector real[]) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.signature_types(function oid) RETURNS TABLE(type oid, is_input boolean)
    LANGUAGE sql STABLE ROWS 4
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.signature_types(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.signature_types(function oid) IS 'List the types of a function''s arguments and results, with all that they are made of: base types of domains, elements of arrays, columns of composites.';
REVOKE ALL ON FUNCTION mcp_catalog.signature_types(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.spend_state(state text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.spend_state(state text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.spend_state(state text) IS 'Spend the state of a call that wrote, in the transaction of the write, so that one answer of a user is valid for one write.';
REVOKE ALL ON FUNCTION mcp_catalog.spend_state(state text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.store_passages(model text, items jsonb, vectors real[]) RETURNS integer
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.store_passages(model text, items jsonb, vectors real[]) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.store_passages(model text, items jsonb, vectors real[]) IS 'Store the vectors of passages of tools.';
REVOKE ALL ON FUNCTION mcp_catalog.store_passages(model text, items jsonb, vectors real[]) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.surface(audience name) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.surface(audience name) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.surface(audience name) IS 'Return what clients of an audience may rely on: its tools, resources, prompts and skills, with their arguments and results.';
REVOKE ALL ON FUNCTION mcp_catalog.surface(audience name) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.surface_changes(before jsonb, after jsonb) RETURNS TABLE(name text, change text, is_breaking boolean)
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.surface_changes(before jsonb, after jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.surface_changes(before jsonb, after jsonb) IS 'Return what is different between two surfaces of an audience, as mcp_catalog.surface gives them, for clients that know the first.';
REVOKE ALL ON FUNCTION mcp_catalog.surface_changes(before jsonb, after jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.surface_refusals(function oid) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.surface_refusals(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.surface_refusals(function oid) IS 'Why a function cannot be the resource, prompt, skill or completion that its comment says, or its result no content.';
REVOKE ALL ON FUNCTION mcp_catalog.surface_refusals(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.take_answers(identity mcp_auth.identity, action text, arguments jsonb, request jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.take_answers(identity mcp_auth.identity, action text, arguments jsonb, request jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.take_answers(identity mcp_auth.identity, action text, arguments jsonb, request jsonb) IS 'Lay out for mcp_tool.answer, mcp_tool.saved_state and mcp_tool.client_supports what came with a call: the answers of this round and those before.';
REVOKE ALL ON FUNCTION mcp_catalog.take_answers(identity mcp_auth.identity, action text, arguments jsonb, request jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.task_refusals(function oid) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.task_refusals(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.task_refusals(function oid) IS 'Why a function cannot be a task as its comment says.';
REVOKE ALL ON FUNCTION mcp_catalog.task_refusals(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.task_tools(tools jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.task_tools(tools jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.task_tools(tools jsonb) IS 'Return the tools that a client without the tasks extension is offered beside tools tagged pair.';
REVOKE ALL ON FUNCTION mcp_catalog.task_tools(tools jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.terms_of(relation oid) RETURNS mcp_tool.term[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.terms_of(relation oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.terms_of(relation oid) IS 'Return the words of the vocabulary about a table.';
REVOKE ALL ON FUNCTION mcp_catalog.terms_of(relation oid) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_catalog.terms_of(relation oid) TO mcp_tools;

CREATE FUNCTION mcp_catalog.tool_parameters(function oid) RETURNS mcp_catalog.parameter[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.tool_parameters(function oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.tool_parameters(function oid) IS 'Return the arguments of a function, from the catalogue and its comment.';
REVOKE ALL ON FUNCTION mcp_catalog.tool_parameters(function oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.tool_reference() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.tool_reference() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.tool_reference() IS 'Return the reference of tools, resources, prompts and skills, made from the catalogue and the comments of the functions.';
REVOKE ALL ON FUNCTION mcp_catalog.tool_reference() FROM PUBLIC;

CREATE FUNCTION mcp_catalog.type_schema(type oid, type_modifier integer DEFAULT '-1'::integer, is_output boolean DEFAULT false, depth integer DEFAULT 0) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.type_schema(type oid, type_modifier integer, is_output boolean, depth integer) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.type_schema(type oid, type_modifier integer, is_output boolean, depth integer) IS 'Return the JSON Schema (2020-12) of a PostgreSQL type: domains with their comment and its @schema {...}, enums, composites, arrays, and every scalar type.';
REVOKE ALL ON FUNCTION mcp_catalog.type_schema(type oid, type_modifier integer, is_output boolean, depth integer) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.typed_arguments(parameters mcp_catalog.parameter[], texts jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.typed_arguments(parameters mcp_catalog.parameter[], texts jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.typed_arguments(parameters mcp_catalog.parameter[], texts jsonb) IS 'Arguments that can only be texts, those of prompts and of URIs, as the JSON that a tool would get.';
REVOKE ALL ON FUNCTION mcp_catalog.typed_arguments(parameters mcp_catalog.parameter[], texts jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.unknown_resource(uri text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.unknown_resource(uri text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.unknown_resource(uri text) IS 'Raise the error of an unknown resource. It is the same if the resource does not exist, is hidden, or belongs to rows that the caller may not see.';
REVOKE ALL ON FUNCTION mcp_catalog.unknown_resource(uri text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.uri_decoded(encoded text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.uri_decoded(encoded text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.uri_decoded(encoded text) IS 'Decode a variable of a URI: %20 is a space, and so on.';
REVOKE ALL ON FUNCTION mcp_catalog.uri_decoded(encoded text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.uri_overlaps(one text, other text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.uri_overlaps(one text, other text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.uri_overlaps(one text, other text) IS 'Return whether two URI templates may match the same address. Compares the parts between slashes; true in doubt.';
REVOKE ALL ON FUNCTION mcp_catalog.uri_overlaps(one text, other text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.uri_pattern(template text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.uri_pattern(template text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.uri_pattern(template text) IS 'Return the regular expression of what a URI template answers: a variable is one or more characters other than / ? #.';
REVOKE ALL ON FUNCTION mcp_catalog.uri_pattern(template text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.uri_variables(template text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.uri_variables(template text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.uri_variables(template text) IS 'Return the variables of a URI template, in order.';
REVOKE ALL ON FUNCTION mcp_catalog.uri_variables(template text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.visible(text text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.visible(text text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.visible(text text) IS 'Return a text that came from rows or clients, with what it hides written as JSON writes it: a backslash, u, four digits. So are control characters but tab and line feed; bidi marks, overrides and isolates; line and paragraph separators; characters without a shape. U+200C and U+200D stay where they are alone, since words and emoji need them, and U+FE0F. JSON text stays JSON text of the same value.';
REVOKE ALL ON FUNCTION mcp_catalog.visible(text text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.visible_block(block jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.visible_block(block jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.visible_block(block jsonb) IS 'Return a block of content with its text, and that of the resource in it, escaped by mcp_catalog.visible.';
REVOKE ALL ON FUNCTION mcp_catalog.visible_block(block jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.visible_values(value jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.visible_values(value jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.visible_values(value jsonb) IS 'Return a JSON value with each of its texts escaped by mcp_catalog.visible.';
REVOKE ALL ON FUNCTION mcp_catalog.visible_values(value jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.whole_numbers(value jsonb, type oid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.whole_numbers(value jsonb, type oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.whole_numbers(value jsonb, type oid) IS 'Return a JSON value for a type, in which numbers such as 5.0 are written as integers where an integer is wanted. JSON Schema''s integer is any number without a fraction, PostgreSQL''s input function takes none.';
REVOKE ALL ON FUNCTION mcp_catalog.whole_numbers(value jsonb, type oid) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.with_default(expression text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.with_default(expression text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.with_default(expression text) IS 'Return a part of a JSON Schema with an argument''s default.';
REVOKE ALL ON FUNCTION mcp_catalog.with_default(expression text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.with_description(description text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.with_description(description text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.with_description(description text) IS 'Return a part of a JSON Schema with a description.';
REVOKE ALL ON FUNCTION mcp_catalog.with_description(description text) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.write_cursor(tool mcp_catalog.tools, arguments jsonb, last_row jsonb) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.write_cursor(tool mcp_catalog.tools, arguments jsonb, last_row jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.write_cursor(tool mcp_catalog.tools, arguments jsonb, last_row jsonb) IS 'Return the cursor of the next page.';
REVOKE ALL ON FUNCTION mcp_catalog.write_cursor(tool mcp_catalog.tools, arguments jsonb, last_row jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_catalog.write_state(identity mcp_auth.identity, action text, arguments jsonb, state jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_catalog.write_state(identity mcp_auth.identity, action text, arguments jsonb, state jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_catalog.write_state(identity mcp_auth.identity, action text, arguments jsonb, state jsonb) IS 'Return what a client carries from one round of questions to the next: signed, so that it cannot be changed, and not hidden.';
REVOKE ALL ON FUNCTION mcp_catalog.write_state(identity mcp_auth.identity, action text, arguments jsonb, state jsonb) FROM PUBLIC;

CREATE SCHEMA mcp_log;
ALTER SCHEMA mcp_log OWNER TO mcp_core;
COMMENT ON SCHEMA mcp_log IS 'The call log, its partitions (one a day) and its seals.';
GRANT USAGE ON SCHEMA mcp_log TO mcp_tools;

CREATE TABLE mcp_log.call_log (
    log_id uuid NOT NULL,
    request_id text,
    user_id uuid,
    credential_id text,
    tool text NOT NULL,
    arguments_digest bytea,
    arguments jsonb,
    started_at timestamp with time zone NOT NULL,
    duration_ms numeric(12,3) NOT NULL,
    row_count integer,
    bytes integer,
    code text NOT NULL,
    client text,
    trace_id text,
    CONSTRAINT call_log_arguments_digest_check CHECK ((octet_length(arguments_digest) = 32)),
    CONSTRAINT call_log_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT call_log_client_check CHECK ((length(client) <= 500)),
    CONSTRAINT call_log_code_check CHECK ((code ~ '^[A-Z][A-Z_]{0,49}$'::text)),
    CONSTRAINT call_log_credential_id_check CHECK ((length(credential_id) <= 100)),
    CONSTRAINT call_log_duration_ms_check CHECK ((duration_ms >= (0)::numeric)),
    CONSTRAINT call_log_request_id_check CHECK (((length(request_id) >= 1) AND (length(request_id) <= 500))),
    CONSTRAINT call_log_row_count_check CHECK ((row_count >= 0)),
    CONSTRAINT call_log_tool_check CHECK ((length(tool) <= 200)),
    CONSTRAINT call_log_trace_id_check CHECK ((length(trace_id) <= 500))
)
PARTITION BY RANGE (started_at);
ALTER TABLE mcp_log.call_log OWNER TO mcp_core;
COMMENT ON TABLE mcp_log.call_log IS 'One row a call of a tool, a prompt or a resource. Written by mcp_log.log_call and mcp.record_calls, changed by nobody; mcp_log.drop_call_log drops whole days.';
COMMENT ON COLUMN mcp_log.call_log.log_id IS 'Key, in the order of insertion.';
COMMENT ON COLUMN mcp_log.call_log.request_id IS 'What the shim calls the request; null when it was made without one, by psql for example.';
COMMENT ON COLUMN mcp_log.call_log.user_id IS 'Who called; null when the credential was refused, or nobody could look at it.';
COMMENT ON COLUMN mcp_log.call_log.credential_id IS 'Id of the API key, or "oauth"; null when the credential was refused.';
COMMENT ON COLUMN mcp_log.call_log.tool IS 'The tool as the client named it, "prompt:" and the prompt, or the URI; cut to 200 characters.';
COMMENT ON COLUMN mcp_log.call_log.arguments_digest IS 'SHA-256 of the arguments as the text of a jsonb; null when they could not be one.';
COMMENT ON COLUMN mcp_log.call_log.arguments IS 'The arguments; null unless the setting log_arguments is true.';
COMMENT ON COLUMN mcp_log.call_log.started_at IS 'When the call began: by the clock of the shim, or for a write of the database.';
COMMENT ON COLUMN mcp_log.call_log.duration_ms IS 'Milliseconds until it was answered, or for a write until it was logged.';
COMMENT ON COLUMN mcp_log.call_log.row_count IS 'Rows of the answer; null when it is no set of rows.';
COMMENT ON COLUMN mcp_log.call_log.bytes IS 'Bytes of the answer as JSON; null without one.';
COMMENT ON COLUMN mcp_log.call_log.code IS 'OK, the error code that the client got, or UNKNOWN_TOOL, UNAUTHORIZED (no good credential), UNAVAILABLE (nobody could look at it), CANCELLED.';
COMMENT ON COLUMN mcp_log.call_log.client IS 'The client program as it named itself.';
COMMENT ON COLUMN mcp_log.call_log.trace_id IS 'Trace of OpenTelemetry that the call belongs to.';
ALTER TABLE ONLY mcp_log.call_log
    ADD CONSTRAINT call_log_pkey PRIMARY KEY (started_at, log_id);
CREATE INDEX call_log_request_id_started_at_idx ON ONLY mcp_log.call_log USING btree (request_id, started_at);
CREATE TRIGGER call_log_refuse_change BEFORE DELETE OR UPDATE ON mcp_log.call_log FOR EACH ROW EXECUTE FUNCTION mcp_log.refuse_change();
COMMENT ON TRIGGER call_log_refuse_change ON mcp_log.call_log IS 'Keeps the log append-only.';
CREATE TRIGGER call_log_refuse_truncate BEFORE TRUNCATE ON mcp_log.call_log FOR EACH STATEMENT EXECUTE FUNCTION mcp_log.refuse_change();
COMMENT ON TRIGGER call_log_refuse_truncate ON mcp_log.call_log IS 'Keeps the log append-only.';
REVOKE ALL ON TABLE mcp_log.call_log FROM mcp_core;
GRANT SELECT,INSERT,REFERENCES,TRIGGER,MAINTAIN ON TABLE mcp_log.call_log TO mcp_core;

CREATE TABLE mcp_log.call_log_head (
    only_row boolean DEFAULT true NOT NULL,
    seal_id bigint NOT NULL,
    head text NOT NULL,
    CONSTRAINT call_log_head_only_row_check CHECK (only_row)
);
ALTER TABLE mcp_log.call_log_head OWNER TO mcp_core;
COMMENT ON TABLE mcp_log.call_log_head IS 'One row: the end of the chain, so that a missing end is noticed.';
COMMENT ON COLUMN mcp_log.call_log_head.only_row IS 'Always true.';
COMMENT ON COLUMN mcp_log.call_log_head.seal_id IS 'The last entry of mcp_log.call_log_seals; 0 without one.';
COMMENT ON COLUMN mcp_log.call_log_head.head IS 'Its head; empty without one.';
ALTER TABLE ONLY mcp_log.call_log_head
    ADD CONSTRAINT call_log_head_pkey PRIMARY KEY (only_row);

CREATE TABLE mcp_log.call_log_pending (
    started_at timestamp with time zone NOT NULL,
    log_id uuid NOT NULL
);
ALTER TABLE mcp_log.call_log_pending OWNER TO mcp_core;
COMMENT ON TABLE mcp_log.call_log_pending IS 'Rows of mcp_log.call_log that are not sealed yet. A list, since neither a sequence nor a transaction id says which rows a sealer has not seen: commits come in another order, and a restored dump has new ids.';
COMMENT ON COLUMN mcp_log.call_log_pending.started_at IS 'Key of the row.';
COMMENT ON COLUMN mcp_log.call_log_pending.log_id IS 'Key of the row.';
ALTER TABLE ONLY mcp_log.call_log_pending
    ADD CONSTRAINT call_log_pending_pkey PRIMARY KEY (started_at, log_id);

CREATE TABLE mcp_log.call_log_seals (
    seal_id bigint NOT NULL,
    kind text NOT NULL,
    day date NOT NULL,
    log_ids uuid[],
    row_digests bytea[],
    contents bytea NOT NULL,
    previous text NOT NULL,
    head text NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    CONSTRAINT call_log_seals_kind_check CHECK ((kind = ANY (ARRAY['rows'::text, 'drop'::text]))),
    CONSTRAINT call_log_seals_row_digests_check CHECK ((NOT (cardinality(log_ids) IS DISTINCT FROM cardinality(row_digests))))
);
ALTER TABLE mcp_log.call_log_seals OWNER TO mcp_core;
COMMENT ON TABLE mcp_log.call_log_seals IS 'The chain over mcp_log.call_log: each entry signs its own contents and the head of the one before.';
COMMENT ON COLUMN mcp_log.call_log_seals.seal_id IS 'Position in the chain, from 1, without gaps.';
COMMENT ON COLUMN mcp_log.call_log_seals.kind IS 'rows: a batch of rows of one day was sealed. drop: retention dropped the days before "day".';
COMMENT ON COLUMN mcp_log.call_log_seals.day IS 'Day in UTC of the rows, or before which was dropped.';
COMMENT ON COLUMN mcp_log.call_log_seals.log_ids IS 'The rows; null for a drop, and once their day was dropped.';
COMMENT ON COLUMN mcp_log.call_log_seals.row_digests IS 'mcp_log.call_log_digest of each row, in the order of log_ids.';
COMMENT ON COLUMN mcp_log.call_log_seals.contents IS 'mcp_log.seal_contents of the two; it outlives them, so that the chain does.';
COMMENT ON COLUMN mcp_log.call_log_seals.previous IS 'The head before; empty for the first.';
COMMENT ON COLUMN mcp_log.call_log_seals.head IS 'mcp_log.seal_head: HMAC-SHA256 of all the rest, hexadecimal. The server log has it too.';
COMMENT ON COLUMN mcp_log.call_log_seals.sealed_at IS 'When.';
ALTER TABLE ONLY mcp_log.call_log_seals
    ADD CONSTRAINT call_log_seals_pkey PRIMARY KEY (seal_id);
CREATE INDEX call_log_seals_day_idx ON mcp_log.call_log_seals USING btree (day);
CREATE TRIGGER call_log_seals_refuse_change BEFORE DELETE OR UPDATE ON mcp_log.call_log_seals FOR EACH ROW EXECUTE FUNCTION mcp_log.refuse_change();
COMMENT ON TRIGGER call_log_seals_refuse_change ON mcp_log.call_log_seals IS 'Keeps the chain append-only.';
CREATE TRIGGER call_log_seals_refuse_truncate BEFORE TRUNCATE ON mcp_log.call_log_seals FOR EACH STATEMENT EXECUTE FUNCTION mcp_log.refuse_change();
COMMENT ON TRIGGER call_log_seals_refuse_truncate ON mcp_log.call_log_seals IS 'Keeps the chain append-only.';
REVOKE ALL ON TABLE mcp_log.call_log_seals FROM mcp_core;
GRANT SELECT,INSERT,REFERENCES,TRIGGER,MAINTAIN,UPDATE ON TABLE mcp_log.call_log_seals TO mcp_core;

CREATE TABLE mcp_log.exports (
    export_id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    credential_id text NOT NULL,
    scope_digest bytea NOT NULL,
    tool text NOT NULL,
    format text NOT NULL,
    task_id uuid,
    lease uuid,
    arguments jsonb NOT NULL,
    request jsonb NOT NULL,
    page jsonb,
    source jsonb,
    row_count bigint,
    bytes bigint,
    sha256 bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT exports_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT exports_format_check CHECK ((format = ANY (ARRAY['csv'::text, 'jsonl'::text, 'parquet'::text]))),
    CONSTRAINT exports_row_count_check CHECK ((row_count >= 0)),
    CONSTRAINT exports_sha256_check CHECK ((octet_length(sha256) = 32))
);
ALTER TABLE mcp_log.exports OWNER TO mcp_core;
COMMENT ON TABLE mcp_log.exports IS 'One row an export: a file with the whole result of a call, in the folder of the server. The transaction that makes the file writes the row, so that one which others see is complete.';
COMMENT ON COLUMN mcp_log.exports.export_id IS 'Key; 122 random bits. The file is named after it.';
COMMENT ON COLUMN mcp_log.exports.user_id IS 'Whose it is. No other caller is told that it exists.';
COMMENT ON COLUMN mcp_log.exports.credential_id IS 'Id of the API key, or "oauth".';
COMMENT ON COLUMN mcp_log.exports.scope_digest IS 'mcp_auth.scope_digest of the caller. A caller whose scope is another by now is not told of it.';
COMMENT ON COLUMN mcp_log.exports.tool IS 'Name of the tool.';
COMMENT ON COLUMN mcp_log.exports.format IS 'csv, jsonl or parquet.';
COMMENT ON COLUMN mcp_log.exports.task_id IS 'The task that made it; null a call.';
COMMENT ON COLUMN mcp_log.exports.lease IS 'What mcp.claim_task gave; null once it is complete.';
COMMENT ON COLUMN mcp_log.exports.arguments IS 'What the client sent; {} once it is complete.';
COMMENT ON COLUMN mcp_log.exports.request IS 'What came with the call, as mcp_catalog.check_request takes it; {} once it is complete.';
COMMENT ON COLUMN mcp_log.exports.page IS 'The page that the answer has beside the link; null none, and once it is complete.';
COMMENT ON COLUMN mcp_log.exports.source IS 'How its rows are read, as mcp_catalog.open_export gives it; null once it is complete.';
COMMENT ON COLUMN mcp_log.exports.row_count IS 'Rows.';
COMMENT ON COLUMN mcp_log.exports.bytes IS 'Size of the file.';
COMMENT ON COLUMN mcp_log.exports.sha256 IS 'Of the file; null until it is complete.';
COMMENT ON COLUMN mcp_log.exports.created_at IS 'When it was asked for.';
COMMENT ON COLUMN mcp_log.exports.expires_at IS 'From this moment on nobody is told of it; mcp.maintain deletes the row, the server the file.';
ALTER TABLE ONLY mcp_log.exports
    ADD CONSTRAINT exports_pkey PRIMARY KEY (export_id);
CREATE INDEX exports_expires_at_idx ON mcp_log.exports USING btree (expires_at);
CREATE INDEX exports_user_id_idx ON mcp_log.exports USING btree (user_id);
ALTER TABLE mcp_log.exports ENABLE ROW LEVEL SECURITY;

CREATE TABLE mcp_log.tasks (
    task_id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    credential_id text NOT NULL,
    claims jsonb,
    scope_digest bytea,
    tool text NOT NULL,
    arguments jsonb NOT NULL,
    request jsonb NOT NULL,
    revision text NOT NULL,
    timeout_ms integer NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    questions jsonb,
    answers jsonb NOT NULL,
    progress text,
    result text,
    is_error boolean DEFAULT false NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    lease uuid,
    lease_until timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT tasks_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT tasks_lease_check CHECK (((state = 'running'::text) = (lease IS NOT NULL))),
    CONSTRAINT tasks_lease_until_check CHECK (((state = 'running'::text) = (lease_until IS NOT NULL))),
    CONSTRAINT tasks_questions_check CHECK (((state = 'input_required'::text) = (questions IS NOT NULL))),
    CONSTRAINT tasks_result_check CHECK (((state = ANY (ARRAY['completed'::text, 'failed'::text])) = (result IS NOT NULL))),
    CONSTRAINT tasks_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'input_required'::text, 'completed'::text, 'failed'::text, 'cancelled'::text])))
);
ALTER TABLE mcp_log.tasks OWNER TO mcp_core;
COMMENT ON TABLE mcp_log.tasks IS 'One row a task: a call of a tool that a server runs behind its request. The result and what the call wrote are committed together, by the server whose lease it is, or not at all.';
COMMENT ON COLUMN mcp_log.tasks.task_id IS 'Key; 122 random bits.';
COMMENT ON COLUMN mcp_log.tasks.user_id IS 'Whose it is. No other caller is told that it exists.';
COMMENT ON COLUMN mcp_log.tasks.credential_id IS 'Id of the API key, or "oauth"; a key that was revoked or has expired begins no task.';
COMMENT ON COLUMN mcp_log.tasks.claims IS 'What the access token said that asked for it; null of an API key, and once it has ended.';
COMMENT ON COLUMN mcp_log.tasks.scope_digest IS 'mcp_auth.scope_digest of the caller when it ran last. A caller whose scope is another by now is not told of it. Null before it runs.';
COMMENT ON COLUMN mcp_log.tasks.tool IS 'Name of the tool.';
COMMENT ON COLUMN mcp_log.tasks.arguments IS 'What the client sent; {} once it has ended.';
COMMENT ON COLUMN mcp_log.tasks.request IS 'What came with the call, as mcp_catalog.check_request takes it; {} once it has ended.';
COMMENT ON COLUMN mcp_log.tasks.revision IS 'Revision of the protocol, for the result.';
COMMENT ON COLUMN mcp_log.tasks.timeout_ms IS 'Milliseconds that a run may take.';
COMMENT ON COLUMN mcp_log.tasks.state IS 'queued, running, input_required (it has asked), completed, failed, cancelled.';
COMMENT ON COLUMN mcp_log.tasks.questions IS 'What it asked and was not answered: {key: {"method", "params"}}.';
COMMENT ON COLUMN mcp_log.tasks.answers IS '{"asked", "answers", "kept"} as in mcp_catalog.write_state; {} once it has ended.';
COMMENT ON COLUMN mcp_log.tasks.progress IS 'How far it says that it is, for people; null nothing.';
COMMENT ON COLUMN mcp_log.tasks.result IS 'JSON text: the result object of a completed task, the error object of a failed one.';
COMMENT ON COLUMN mcp_log.tasks.is_error IS 'Whether the result says that the tool failed.';
COMMENT ON COLUMN mcp_log.tasks.attempts IS 'How often it was begun.';
COMMENT ON COLUMN mcp_log.tasks.lease IS 'Which run may end it: the server that takes the task gives it another, so that an abandoned run cannot commit.';
COMMENT ON COLUMN mcp_log.tasks.lease_until IS 'From this moment on another server may take it.';
COMMENT ON COLUMN mcp_log.tasks.created_at IS 'When it was asked for.';
COMMENT ON COLUMN mcp_log.tasks.updated_at IS 'When its state or progress changed last.';
COMMENT ON COLUMN mcp_log.tasks.expires_at IS 'From this moment on nobody is told of it; mcp.maintain deletes it.';
ALTER TABLE ONLY mcp_log.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (task_id);
CREATE INDEX tasks_expires_at_idx ON mcp_log.tasks USING btree (expires_at);
CREATE INDEX tasks_user_id_created_at_idx ON mcp_log.tasks USING btree (user_id, created_at);
CREATE INDEX tasks_waiting_idx ON mcp_log.tasks USING btree (created_at) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));
ALTER TABLE mcp_log.tasks ENABLE ROW LEVEL SECURITY;

CREATE TABLE mcp_log.upkeep (
    only_row boolean DEFAULT true NOT NULL,
    ran_at timestamp with time zone,
    report jsonb NOT NULL,
    CONSTRAINT upkeep_only_row_check CHECK (only_row)
);
ALTER TABLE mcp_log.upkeep OWNER TO mcp_core;
COMMENT ON TABLE mcp_log.upkeep IS 'One row: the last run of mcp.maintain. Who runs it has the row locked, so that there is one.';
COMMENT ON COLUMN mcp_log.upkeep.only_row IS 'Always true.';
COMMENT ON COLUMN mcp_log.upkeep.ran_at IS 'When it ran last; null never.';
COMMENT ON COLUMN mcp_log.upkeep.report IS 'What mcp.maintain returned then.';
ALTER TABLE ONLY mcp_log.upkeep
    ADD CONSTRAINT upkeep_pkey PRIMARY KEY (only_row);

CREATE FUNCTION mcp_log.add_seal(kind text, day date, log_ids uuid[], row_digests bytea[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.add_seal(kind text, day date, log_ids uuid[], row_digests bytea[]) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.add_seal(kind text, day date, log_ids uuid[], row_digests bytea[]) IS 'Append an entry to the chain over the call log, and write its head to the server log.';
REVOKE ALL ON FUNCTION mcp_log.add_seal(kind text, day date, log_ids uuid[], row_digests bytea[]) FROM PUBLIC;

CREATE FUNCTION mcp_log.begin_export(identity mcp_auth.identity, tool mcp_catalog.tools, arguments jsonb, request jsonb, format text, task_id uuid DEFAULT NULL::uuid, lease uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.begin_export(identity mcp_auth.identity, tool mcp_catalog.tools, arguments jsonb, request jsonb, format text, task_id uuid, lease uuid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.begin_export(identity mcp_auth.identity, tool mcp_catalog.tools, arguments jsonb, request jsonb, format text, task_id uuid, lease uuid) IS 'Begin an export for a caller whose context is set, and whose arguments were checked. The server executes the COPY in this transaction, writes what it gives to the file, and calls mcp.end_export.';
REVOKE ALL ON FUNCTION mcp_log.begin_export(identity mcp_auth.identity, tool mcp_catalog.tools, arguments jsonb, request jsonb, format text, task_id uuid, lease uuid) FROM PUBLIC;

CREATE FUNCTION mcp_log.call_entry_fault(entry jsonb) RETURNS text
    LANGUAGE sql STABLE;
ALTER FUNCTION mcp_log.call_entry_fault(entry jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.call_entry_fault(entry jsonb) IS 'Return the fault of an entry for mcp.record_calls, or null.';
REVOKE ALL ON FUNCTION mcp_log.call_entry_fault(entry jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_log.call_log_digest(entry mcp_log.call_log) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.call_log_digest(entry mcp_log.call_log) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.call_log_digest(entry mcp_log.call_log) IS 'Return the SHA-256 of a row of the call log.';
REVOKE ALL ON FUNCTION mcp_log.call_log_digest(entry mcp_log.call_log) FROM PUBLIC;

CREATE FUNCTION mcp_log.call_rate(period interval DEFAULT '01:00:00'::interval) RETURNS TABLE(started_at timestamp with time zone, calls bigint, failures bigint, slow_calls bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.call_rate(period interval) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.call_rate(period interval) IS 'Return the number of recent calls, step by step, from the call log. A step is a minute, or longer for periods over two hours, so there are at most 121 steps.';
REVOKE ALL ON FUNCTION mcp_log.call_rate(period interval) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_log.call_rate(period interval) TO mcp_tools;

CREATE FUNCTION mcp_log.call_task_tool(identity mcp_auth.identity, tool text, arguments jsonb, credential text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.call_task_tool(identity mcp_auth.identity, tool text, arguments jsonb, credential text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.call_task_tool(identity mcp_auth.identity, tool text, arguments jsonb, credential text) IS 'Answer get_task and cancel_task, by which a client that knows no tasks asks for one that a tool tagged pair has begun.';
REVOKE ALL ON FUNCTION mcp_log.call_task_tool(identity mcp_auth.identity, tool text, arguments jsonb, credential text) FROM PUBLIC;

CREATE FUNCTION mcp_log.check_period(period interval) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.check_period(period interval) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.check_period(period interval) IS 'Refuse an invalid period for questions about the call log.';
REVOKE ALL ON FUNCTION mcp_log.check_period(period interval) FROM PUBLIC;

CREATE FUNCTION mcp_log.create_call_log_partition(name text, bounds text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.create_call_log_partition(name text, bounds text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.create_call_log_partition(name text, bounds text) IS 'Create a partition of the call log, which is append-only.';
REVOKE ALL ON FUNCTION mcp_log.create_call_log_partition(name text, bounds text) FROM PUBLIC;

CREATE FUNCTION mcp_log.create_call_log_partitions(days_ahead integer DEFAULT 7) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.create_call_log_partitions(days_ahead integer) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.create_call_log_partitions(days_ahead integer) IS 'Create the partitions of the call log for today and the days ahead, and for days with calls in mcp_log.other_days, which move into them. A day is a day in UTC.';
REVOKE ALL ON FUNCTION mcp_log.create_call_log_partitions(days_ahead integer) FROM PUBLIC;

CREATE FUNCTION mcp_log.drop_call_log(before date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.drop_call_log(before date) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.drop_call_log(before date) IS 'Drop the days of the call log before a day. This is the only way to remove calls.';
REVOKE ALL ON FUNCTION mcp_log.drop_call_log(before date) FROM PUBLIC;

CREATE FUNCTION mcp_log.end_task(task_id uuid, state text, result text, is_error boolean) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.end_task(task_id uuid, state text, result text, is_error boolean) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.end_task(task_id uuid, state text, result text, is_error boolean) IS 'End a task whose row the transaction has locked.';
REVOKE ALL ON FUNCTION mcp_log.end_task(task_id uuid, state text, result text, is_error boolean) FROM PUBLIC;

CREATE FUNCTION mcp_log.export_contents(identity mcp_auth.identity, uri text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.export_contents(identity mcp_auth.identity, uri text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.export_contents(identity mcp_auth.identity, uri text) IS 'The answer to resources/read of an export, in which the server puts a part of its file.';
REVOKE ALL ON FUNCTION mcp_log.export_contents(identity mcp_auth.identity, uri text) FROM PUBLIC;

CREATE FUNCTION mcp_log.export_object(export mcp_log.exports) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.export_object(export mcp_log.exports) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.export_object(export mcp_log.exports) IS 'Describe a complete export.';
REVOKE ALL ON FUNCTION mcp_log.export_object(export mcp_log.exports) FROM PUBLIC;

CREATE FUNCTION mcp_log.export_room(identity mcp_auth.identity, more bigint DEFAULT 0) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.export_room(identity mcp_auth.identity, more bigint) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.export_room(identity mcp_auth.identity, more bigint) IS 'Say how many bytes a caller may still export.';
REVOKE ALL ON FUNCTION mcp_log.export_room(identity mcp_auth.identity, more bigint) FROM PUBLIC;

CREATE FUNCTION mcp_log.handle_task(credential text, method text, params jsonb, request_id text, revision text, extensions jsonb, signed text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.handle_task(credential text, method text, params jsonb, request_id text, revision text, extensions jsonb, signed text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.handle_task(credential text, method text, params jsonb, request_id text, revision text, extensions jsonb, signed text) IS 'Answer a request about tasks.';
REVOKE ALL ON FUNCTION mcp_log.handle_task(credential text, method text, params jsonb, request_id text, revision text, extensions jsonb, signed text) FROM PUBLIC;

CREATE FUNCTION mcp_log.leased_task(task_id uuid, lease uuid) RETURNS mcp_log.tasks
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.leased_task(task_id uuid, lease uuid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.leased_task(task_id uuid, lease uuid) IS 'Lock the row of a task that is still this server''s until the end of the transaction.';
REVOKE ALL ON FUNCTION mcp_log.leased_task(task_id uuid, lease uuid) FROM PUBLIC;

CREATE FUNCTION mcp_log.list_calls(only_user uuid DEFAULT NULL::uuid, only_code text DEFAULT NULL::text, only_request text DEFAULT NULL::text, only_failed boolean DEFAULT false, max_results integer DEFAULT 20) RETURNS TABLE(started_at timestamp with time zone, user_name text, tool text, code text, duration_ms numeric, row_count integer, client text, request_id text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.list_calls(only_user uuid, only_code text, only_request text, only_failed boolean, max_results integer) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.list_calls(only_user uuid, only_code text, only_request text, only_failed boolean, max_results integer) IS 'List the last calls of the call log, for an administrator.';
REVOKE ALL ON FUNCTION mcp_log.list_calls(only_user uuid, only_code text, only_request text, only_failed boolean, max_results integer) FROM PUBLIC;

CREATE FUNCTION mcp_log.lock_request(request_id text) RETURNS void
    LANGUAGE sql STRICT
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.lock_request(request_id text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.lock_request(request_id text) IS 'Hold a request until the end of the transaction: mcp.call_tool while it writes, mcp.record_calls before it looks whether a write has its row, so that it waits for the outcome.';
REVOKE ALL ON FUNCTION mcp_log.lock_request(request_id text) FROM PUBLIC;

CREATE FUNCTION mcp_log.log_call(entry mcp_log.call_log) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.log_call(entry mcp_log.call_log) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.log_call(entry mcp_log.call_log) IS 'Write the row of a call, and put it on the list of what is to be sealed. Only mcp.record_calls, which does so for many at once, writes the call log beside it.';
REVOKE ALL ON FUNCTION mcp_log.log_call(entry mcp_log.call_log) FROM PUBLIC;

CREATE FUNCTION mcp_log.log_write(identity mcp_auth.identity, tool mcp_catalog.tools, arguments jsonb, request jsonb, result jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.log_write(identity mcp_auth.identity, tool mcp_catalog.tools, arguments jsonb, request jsonb, result jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.log_write(identity mcp_auth.identity, tool mcp_catalog.tools, arguments jsonb, request jsonb, result jsonb) IS 'Log a call that wrote, in its own transaction, so that the write and its row are committed together. A repeated call of an idempotent tool finds its row.';
REVOKE ALL ON FUNCTION mcp_log.log_write(identity mcp_auth.identity, tool mcp_catalog.tools, arguments jsonb, request jsonb, result jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_log.own_export(identity mcp_auth.identity, file text) RETURNS mcp_log.exports
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.own_export(identity mcp_auth.identity, file text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.own_export(identity mcp_auth.identity, file text) IS 'Find an export of the caller.';
REVOKE ALL ON FUNCTION mcp_log.own_export(identity mcp_auth.identity, file text) FROM PUBLIC;

CREATE FUNCTION mcp_log.own_task(identity mcp_auth.identity, task_id text, revision text, extensions jsonb) RETURNS mcp_log.tasks
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.own_task(identity mcp_auth.identity, task_id text, revision text, extensions jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.own_task(identity mcp_auth.identity, task_id text, revision text, extensions jsonb) IS 'Find a task of the caller.';
REVOKE ALL ON FUNCTION mcp_log.own_task(identity mcp_auth.identity, task_id text, revision text, extensions jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_log.performance_summary(period interval DEFAULT '01:00:00'::interval) RETURNS TABLE(tool text, calls bigint, failures bigint, slow_calls bigint, mean_ms numeric, min_ms numeric, p50_ms numeric, p95_ms numeric, max_ms numeric, codes jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.performance_summary(period interval) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.performance_summary(period interval) IS 'Return for each tool how often it was called recently, how long it took, and how it failed, from the call log.';
REVOKE ALL ON FUNCTION mcp_log.performance_summary(period interval) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_log.performance_summary(period interval) TO mcp_tools;

CREATE FUNCTION mcp_log.query_shape(query text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.query_shape(query text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.query_shape(query text) IS 'Return the shape of a query: lower case, one blank between words, no comments, and ? in place of each text, number and list of them.';
REVOKE ALL ON FUNCTION mcp_log.query_shape(query text) FROM PUBLIC;

CREATE FUNCTION mcp_log.refuse_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.refuse_change() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.refuse_change() IS 'Refuse every change or removal of what is logged, for every role.';
REVOKE ALL ON FUNCTION mcp_log.refuse_change() FROM PUBLIC;

CREATE FUNCTION mcp_log.require_tasks(revision text, extensions jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.require_tasks(revision text, extensions jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.require_tasks(revision text, extensions jsonb) IS 'Refuse a client that did not announce the extension for tasks; before 2026-07-28 there is nothing to announce.';
REVOKE ALL ON FUNCTION mcp_log.require_tasks(revision text, extensions jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_log.seal_call_log(max_batches integer DEFAULT 100) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.seal_call_log(max_batches integer) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.seal_call_log(max_batches integer) IS 'Chain the rows of the call log that no seal covers yet, in batches of at most 1000 rows of one day, and write each batch''s head to the server log.';
REVOKE ALL ON FUNCTION mcp_log.seal_call_log(max_batches integer) FROM PUBLIC;

CREATE FUNCTION mcp_log.seal_contents(log_ids uuid[], row_digests bytea[]) RETURNS bytea
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.seal_contents(log_ids uuid[], row_digests bytea[]) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.seal_contents(log_ids uuid[], row_digests bytea[]) IS 'Return the SHA-256 over the rows of a seal.';
REVOKE ALL ON FUNCTION mcp_log.seal_contents(log_ids uuid[], row_digests bytea[]) FROM PUBLIC;

CREATE FUNCTION mcp_log.seal_head(seal mcp_log.call_log_seals) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.seal_head(seal mcp_log.call_log_seals) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.seal_head(seal mcp_log.call_log_seals) IS 'Return the HMAC-SHA256 of an entry of the chain: its place, its contents and the head before it.';
REVOKE ALL ON FUNCTION mcp_log.seal_head(seal mcp_log.call_log_seals) FROM PUBLIC;

CREATE FUNCTION mcp_log.slow_calls(period interval DEFAULT '01:00:00'::interval, max_results integer DEFAULT 50) RETURNS TABLE(started_at timestamp with time zone, tool text, duration_ms numeric, row_count integer, bytes integer, code text, user_name text, client text, request_id text, trace_id text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.slow_calls(period interval, max_results integer) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.slow_calls(period interval, max_results integer) IS 'Return the calls that took as long as the setting slow_call_ms or longer, from the call log.';
REVOKE ALL ON FUNCTION mcp_log.slow_calls(period interval, max_results integer) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_log.slow_calls(period interval, max_results integer) TO mcp_tools;

CREATE FUNCTION mcp_log.stop_task(task mcp_log.tasks) RETURNS mcp_log.tasks
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.stop_task(task mcp_log.tasks) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.stop_task(task mcp_log.tasks) IS 'Cancel a task, unless it has ended: from now on it can neither commit nor complete.';
REVOKE ALL ON FUNCTION mcp_log.stop_task(task mcp_log.tasks) FROM PUBLIC;

CREATE FUNCTION mcp_log.task_object(task mcp_log.tasks, revision text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.task_object(task mcp_log.tasks, revision text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.task_object(task mcp_log.tasks, revision text) IS 'Describe a task as the client''s revision of the protocol does.';
REVOKE ALL ON FUNCTION mcp_log.task_object(task mcp_log.tasks, revision text) FROM PUBLIC;

CREATE FUNCTION mcp_log.task_state(task mcp_log.tasks) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.task_state(task mcp_log.tasks) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.task_state(task mcp_log.tasks) IS 'Return the state of a task as the answer of a tool, for clients without the tasks extension.';
REVOKE ALL ON FUNCTION mcp_log.task_state(task mcp_log.tasks) FROM PUBLIC;

CREATE FUNCTION mcp_log.unmet(period interval DEFAULT '7 days'::interval, max_results integer DEFAULT 50) RETURNS TABLE(kind text, subject text, calls bigint, callers bigint, last_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.unmet(period interval, max_results integer) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.unmet(period interval, max_results integer) IS 'Return what callers looked for and did not find, from the call log.';
REVOKE ALL ON FUNCTION mcp_log.unmet(period interval, max_results integer) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_log.unmet(period interval, max_results integer) TO mcp_tools;

CREATE FUNCTION mcp_log.utc_day(moment timestamp with time zone) RETURNS date
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.utc_day(moment timestamp with time zone) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.utc_day(moment timestamp with time zone) IS 'Return the day of a moment in UTC, which is the day of the call log it belongs to.';
REVOKE ALL ON FUNCTION mcp_log.utc_day(moment timestamp with time zone) FROM PUBLIC;

CREATE FUNCTION mcp_log.utc_midnight(day date) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.utc_midnight(day date) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.utc_midnight(day date) IS 'Return the moment at which a day begins in UTC.';
REVOKE ALL ON FUNCTION mcp_log.utc_midnight(day date) FROM PUBLIC;

CREATE FUNCTION mcp_log.verify_call_log(day date, noted_head text DEFAULT NULL::text) RETURNS TABLE(problem text, seal_id bigint, log_id uuid, detail text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_log.verify_call_log(day date, noted_head text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_log.verify_call_log(day date, noted_head text) IS 'Compare the call log of a day with its seals, and verify the chain of seals.';
REVOKE ALL ON FUNCTION mcp_log.verify_call_log(day date, noted_head text) FROM PUBLIC;

CREATE SCHEMA mcp_migrate;
ALTER SCHEMA mcp_migrate OWNER TO postgres;
COMMENT ON SCHEMA mcp_migrate IS 'The ledger of the migrations, their checks, and yoyo''s tables.';
GRANT USAGE ON SCHEMA mcp_migrate TO mcp_core;

CREATE TABLE mcp_migrate._yoyo_log (
    id character varying(36) NOT NULL,
    migration_hash character varying(64),
    migration_id character varying(255),
    operation character varying(10),
    username character varying(255),
    hostname character varying(255),
    comment character varying(255),
    created_at_utc timestamp without time zone
);
ALTER TABLE mcp_migrate._yoyo_log OWNER TO postgres;
ALTER TABLE ONLY mcp_migrate._yoyo_log
    ADD CONSTRAINT _yoyo_log_pkey PRIMARY KEY (id);

CREATE TABLE mcp_migrate._yoyo_migration (
    migration_hash character varying(64) NOT NULL,
    migration_id character varying(255),
    applied_at_utc timestamp without time zone
);
ALTER TABLE mcp_migrate._yoyo_migration OWNER TO postgres;
ALTER TABLE ONLY mcp_migrate._yoyo_migration
    ADD CONSTRAINT _yoyo_migration_pkey PRIMARY KEY (migration_hash);

CREATE TABLE mcp_migrate._yoyo_version (
    version integer NOT NULL,
    installed_at_utc timestamp without time zone
);
ALTER TABLE mcp_migrate._yoyo_version OWNER TO postgres;
ALTER TABLE ONLY mcp_migrate._yoyo_version
    ADD CONSTRAINT _yoyo_version_pkey PRIMARY KEY (version);

CREATE TABLE mcp_migrate.file (
    tree text NOT NULL,
    path text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    server_version_num integer DEFAULT (current_setting('server_version_num'::text))::integer NOT NULL
);
ALTER TABLE mcp_migrate.file OWNER TO postgres;
COMMENT ON TABLE mcp_migrate.file IS 'Managed files as they were last applied.';
COMMENT ON COLUMN mcp_migrate.file.tree IS 'core, or the name of a project.';
COMMENT ON COLUMN mcp_migrate.file.path IS 'Path in the tree''s folder.';
COMMENT ON COLUMN mcp_migrate.file.sha256 IS 'SHA-256 of the file''s normalised text, hexadecimal.';
COMMENT ON COLUMN mcp_migrate.file.applied_at IS 'When it was last applied.';
COMMENT ON COLUMN mcp_migrate.file.server_version_num IS 'server_version_num of that moment.';
ALTER TABLE ONLY mcp_migrate.file
    ADD CONSTRAINT file_pkey PRIMARY KEY (tree, path);
GRANT SELECT ON TABLE mcp_migrate.file TO mcp_core;

CREATE TABLE mcp_migrate.lockdown_grants (
    role name NOT NULL,
    privilege text NOT NULL,
    kind text NOT NULL,
    object text,
    reason text NOT NULL,
    CONSTRAINT lockdown_grants_kind_check CHECK ((kind = ANY (ARRAY['function'::text, 'table'::text, 'schema'::text, 'database'::text])))
);
ALTER TABLE mcp_migrate.lockdown_grants OWNER TO postgres;
COMMENT ON TABLE mcp_migrate.lockdown_grants IS 'Privileges that a role keeps when the lock-down takes them from PUBLIC. mcp_migrate.check_lockdown finds what is not listed.';
COMMENT ON COLUMN mcp_migrate.lockdown_grants.role IS 'Who may use it.';
COMMENT ON COLUMN mcp_migrate.lockdown_grants.privilege IS 'execute, select or connect.';
COMMENT ON COLUMN mcp_migrate.lockdown_grants.kind IS 'function, table (or view), or database.';
COMMENT ON COLUMN mcp_migrate.lockdown_grants.object IS 'Its name as mcp_migrate.forbidden() gives it; null is this database.';
COMMENT ON COLUMN mcp_migrate.lockdown_grants.reason IS 'What for.';
ALTER TABLE ONLY mcp_migrate.lockdown_grants
    ADD CONSTRAINT lockdown_grants_key UNIQUE NULLS NOT DISTINCT (role, privilege, kind, object);

CREATE TABLE mcp_migrate.locked (
    kind text NOT NULL,
    object text NOT NULL,
    column_name text NOT NULL,
    acl_before text,
    acl_after text,
    is_exact boolean DEFAULT true NOT NULL
);
ALTER TABLE mcp_migrate.locked OWNER TO postgres;
COMMENT ON TABLE mcp_migrate.locked IS 'Each access list that mcp_migrate.lock_down() changed, as it was before: what mcp_migrate.lift_lockdown() restores.';
COMMENT ON COLUMN mcp_migrate.locked.kind IS 'function, table, schema, language or database.';
COMMENT ON COLUMN mcp_migrate.locked.object IS 'Its name as mcp_migrate.forbidden() gives it; empty is this database.';
COMMENT ON COLUMN mcp_migrate.locked.column_name IS 'The column of a table; empty is the table.';
COMMENT ON COLUMN mcp_migrate.locked.acl_before IS 'As the catalogue had it; null is the default.';
COMMENT ON COLUMN mcp_migrate.locked.acl_after IS 'As the lock-down left it.';
COMMENT ON COLUMN mcp_migrate.locked.is_exact IS 'False once somebody else changed it too: then the privileges go back, and the rest stays.';
ALTER TABLE ONLY mcp_migrate.locked
    ADD CONSTRAINT locked_pkey PRIMARY KEY (kind, object, column_name);

CREATE TABLE mcp_migrate.locked_privileges (
    kind text NOT NULL,
    object text NOT NULL,
    column_name text NOT NULL,
    role name,
    privilege text NOT NULL
);
ALTER TABLE mcp_migrate.locked_privileges OWNER TO postgres;
COMMENT ON TABLE mcp_migrate.locked_privileges IS 'What the lock-down did to each access list, privilege by privilege.';
COMMENT ON COLUMN mcp_migrate.locked_privileges.kind IS 'As in mcp_migrate.locked.';
COMMENT ON COLUMN mcp_migrate.locked_privileges.object IS 'As in mcp_migrate.locked.';
COMMENT ON COLUMN mcp_migrate.locked_privileges.column_name IS 'As in mcp_migrate.locked.';
COMMENT ON COLUMN mcp_migrate.locked_privileges.role IS 'Who was given it; null is PUBLIC, from which it was taken.';
COMMENT ON COLUMN mcp_migrate.locked_privileges.privilege IS 'As GRANT writes it.';
ALTER TABLE ONLY mcp_migrate.locked_privileges
    ADD CONSTRAINT locked_privileges_key UNIQUE NULLS NOT DISTINCT (kind, object, column_name, role, privilege);
ALTER TABLE ONLY mcp_migrate.locked_privileges
    ADD CONSTRAINT locked_privileges_locked_fkey FOREIGN KEY (kind, object, column_name) REFERENCES mcp_migrate.locked(kind, object, column_name) ON DELETE CASCADE;

CREATE TABLE mcp_migrate.log (
    log_id bigint NOT NULL,
    logged_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    operation text NOT NULL,
    subject text NOT NULL,
    sha256 text,
    login text DEFAULT SESSION_USER NOT NULL,
    package text,
    CONSTRAINT log_operation_check CHECK ((operation = ANY (ARRAY['apply'::text, 'rollback'::text, 'mark'::text, 'edit'::text, 'manage'::text, 'withdraw'::text, 'adopt'::text, 'baseline'::text, 'lockdown'::text])))
);
ALTER TABLE mcp_migrate.log OWNER TO postgres;
COMMENT ON TABLE mcp_migrate.log IS 'What the commands did, oldest first.';
COMMENT ON COLUMN mcp_migrate.log.log_id IS 'Order.';
COMMENT ON COLUMN mcp_migrate.log.logged_at IS 'When.';
COMMENT ON COLUMN mcp_migrate.log.operation IS 'apply, rollback, mark, edit: of a versioned file. manage, withdraw, adopt: of the managed files. baseline: of a schema. lockdown: on or off.';
COMMENT ON COLUMN mcp_migrate.log.subject IS 'tree/id of a versioned file, or the tree and the count of its managed files.';
COMMENT ON COLUMN mcp_migrate.log.sha256 IS 'Of the file''s normalised text, where there is one.';
COMMENT ON COLUMN mcp_migrate.log.login IS 'Who was connected.';
COMMENT ON COLUMN mcp_migrate.log.package IS 'Version of zava-mcp that did it: an older one does not apply its core over that of a newer one. Null: of before this column.';
ALTER TABLE mcp_migrate.log ALTER COLUMN log_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME mcp_migrate.log_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY mcp_migrate.log
    ADD CONSTRAINT log_pkey PRIMARY KEY (log_id);

CREATE TABLE mcp_migrate.made (
    kind text NOT NULL,
    name text NOT NULL,
    oid oid NOT NULL,
    tree text NOT NULL,
    id text NOT NULL,
    CONSTRAINT made_kind_check CHECK ((kind = ANY (ARRAY['extension'::text, 'role'::text, 'schema'::text, 'table'::text, 'row security'::text, 'forced row security'::text])))
);
ALTER TABLE mcp_migrate.made OWNER TO postgres;
COMMENT ON TABLE mcp_migrate.made IS 'Extensions, roles, schemas and tables that a versioned file created, and did not find there; row-level security that a managed file enabled on a table of somebody else.';
COMMENT ON COLUMN mcp_migrate.made.kind IS 'What it is; a table may be a materialised view. Row security is that of a table.';
COMMENT ON COLUMN mcp_migrate.made.name IS 'Its name then.';
COMMENT ON COLUMN mcp_migrate.made.oid IS 'Its number, which another one of that name has not.';
COMMENT ON COLUMN mcp_migrate.made.tree IS 'The file''s tree.';
COMMENT ON COLUMN mcp_migrate.made.id IS 'File name without .sql; audience for a role of zava-mcp audience add.';
ALTER TABLE ONLY mcp_migrate.made
    ADD CONSTRAINT made_pkey PRIMARY KEY (kind, oid);

CREATE TABLE mcp_migrate.object (
    kind text NOT NULL,
    identity text NOT NULL,
    tree text NOT NULL,
    path text NOT NULL,
    definition_sha256 text NOT NULL,
    body_line integer,
    oid oid,
    CONSTRAINT object_kind_check CHECK ((kind = ANY (ARRAY['routine'::text, 'view'::text, 'policy'::text, 'trigger'::text, 'event trigger'::text])))
);
ALTER TABLE mcp_migrate.object OWNER TO postgres;
COMMENT ON TABLE mcp_migrate.object IS 'Which managed file owns which object.';
COMMENT ON COLUMN mcp_migrate.object.kind IS 'What it is, as DROP wants it.';
COMMENT ON COLUMN mcp_migrate.object.identity IS 'Its name, as DROP wants it.';
COMMENT ON COLUMN mcp_migrate.object.tree IS 'The file''s tree.';
COMMENT ON COLUMN mcp_migrate.object.path IS 'The file that creates it.';
COMMENT ON COLUMN mcp_migrate.object.definition_sha256 IS 'SHA-256 of definition, owner, grants and comment as the server gave them after the file ran.';
COMMENT ON COLUMN mcp_migrate.object.body_line IS 'Line of the file in which the body of a routine begins, from 1; null where it is no text.';
COMMENT ON COLUMN mcp_migrate.object.oid IS 'Its number: finds it again when its table, schema or argument type was renamed.';
ALTER TABLE ONLY mcp_migrate.object
    ADD CONSTRAINT object_pkey PRIMARY KEY (kind, identity);
CREATE INDEX object_file_idx ON mcp_migrate.object USING btree (tree, path);
ALTER TABLE ONLY mcp_migrate.object
    ADD CONSTRAINT object_file_fkey FOREIGN KEY (tree, path) REFERENCES mcp_migrate.file(tree, path) ON DELETE CASCADE;
GRANT SELECT ON TABLE mcp_migrate.object TO mcp_core;

CREATE TABLE mcp_migrate.schema (
    schema name NOT NULL,
    is_judged boolean NOT NULL,
    tree text,
    id text,
    noted_at timestamp with time zone DEFAULT now() NOT NULL,
    login text DEFAULT SESSION_USER NOT NULL
);
ALTER TABLE mcp_migrate.schema OWNER TO postgres;
COMMENT ON TABLE mcp_migrate.schema IS 'What is ours: schemas that versioned files made, and what "zava-mcp migrate baseline" said. In any other schema the checks look only at what a managed file made and at what tools reach.';
COMMENT ON COLUMN mcp_migrate.schema.schema IS 'Its name.';
COMMENT ON COLUMN mcp_migrate.schema.is_judged IS 'True: everything in it is checked, and drift lists what no file made. False: it is accepted as it stands.';
COMMENT ON COLUMN mcp_migrate.schema.tree IS 'Tree of the versioned file that made it; null where nobody knows.';
COMMENT ON COLUMN mcp_migrate.schema.id IS 'That file.';
COMMENT ON COLUMN mcp_migrate.schema.noted_at IS 'When that was noted.';
COMMENT ON COLUMN mcp_migrate.schema.login IS 'Who was connected.';
ALTER TABLE ONLY mcp_migrate.schema
    ADD CONSTRAINT schema_pkey PRIMARY KEY (schema);

CREATE TABLE mcp_migrate.spared (
    role name NOT NULL
);
ALTER TABLE mcp_migrate.spared OWNER TO postgres;
COMMENT ON TABLE mcp_migrate.spared IS 'Roles that keep what the lock-down takes from PUBLIC: logins of others, named by "lockdown on --spare". The owner of schema mcp_migrate, which runs the migrations, keeps it without a row.';
COMMENT ON COLUMN mcp_migrate.spared.role IS 'Who.';
ALTER TABLE ONLY mcp_migrate.spared
    ADD CONSTRAINT spared_pkey PRIMARY KEY (role);

CREATE TABLE mcp_migrate.version (
    tree text NOT NULL,
    id text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    server_version_num integer DEFAULT (current_setting('server_version_num'::text))::integer NOT NULL
);
ALTER TABLE mcp_migrate.version OWNER TO postgres;
COMMENT ON TABLE mcp_migrate.version IS 'Versioned files that ran, one row each, written in the same transaction as what they did.';
COMMENT ON COLUMN mcp_migrate.version.tree IS 'core, or the name of a project.';
COMMENT ON COLUMN mcp_migrate.version.id IS 'File name without .sql.';
COMMENT ON COLUMN mcp_migrate.version.sha256 IS 'SHA-256 of the file''s normalised text, hexadecimal.';
COMMENT ON COLUMN mcp_migrate.version.applied_at IS 'When it ran.';
COMMENT ON COLUMN mcp_migrate.version.server_version_num IS 'server_version_num of that moment.';
ALTER TABLE ONLY mcp_migrate.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (tree, id);
GRANT SELECT ON TABLE mcp_migrate.version TO mcp_core;

CREATE TABLE mcp_migrate.yoyo_lock (
    locked integer DEFAULT 1 NOT NULL,
    ctime timestamp without time zone,
    pid integer NOT NULL
);
ALTER TABLE mcp_migrate.yoyo_lock OWNER TO postgres;
ALTER TABLE ONLY mcp_migrate.yoyo_lock
    ADD CONSTRAINT yoyo_lock_pkey PRIMARY KEY (locked);

CREATE VIEW mcp_migrate.bypasses WITH (security_invoker='true') AS
 WITH RECURSIVE readers AS (
         SELECT DISTINCT c.oid AS reader,
            c.relkind AS reader_kind,
            d.refobjid AS relation,
                CASE
                    WHEN ((c.relkind = 'v'::"char") AND (c.reloptions && ARRAY['security_invoker=true'::text, 'security_invoker=on'::text, 'security_invoker=1'::text, 'security_invoker=yes'::text])) THEN (0)::oid
                    ELSE c.relowner
                END AS role
           FROM ((pg_class c
             JOIN pg_rewrite r_1 ON (((c.oid = r_1.ev_class) AND (r_1.rulename = '_RETURN'::name))))
             JOIN pg_depend d ON (((r_1.oid = d.objid) AND (d.classid = ('pg_rewrite'::regclass)::oid) AND (d.refclassid = ('pg_class'::regclass)::oid) AND (d.refobjid <> c.oid))))
          WHERE (c.relkind = ANY (ARRAY['v'::"char", 'm'::"char"]))
        ), guarded AS (
         SELECT c.oid AS relation,
            c.oid AS table_id,
            (0)::oid AS role,
            false AS is_stored
           FROM ((mcp_migrate.guarded t_1
             JOIN pg_class c ON ((t_1.relation = c.oid)))
             JOIN pg_namespace n ON ((c.relnamespace = n.oid)))
          WHERE (n.nspname !~ '^mcp($|_)'::text)
        UNION
         SELECT r_1.reader,
            g.table_id,
            COALESCE(NULLIF(g.role, (0)::oid), r_1.role) AS "coalesce",
            (g.is_stored OR (r_1.reader_kind = 'm'::"char"))
           FROM (guarded g
             JOIN readers r_1 ON ((g.relation = r_1.relation)))
        ), code AS (
         SELECT p_1.oid,
            p_1.proname,
            p_1.proowner,
            p_1.prosecdef,
            lower(replace(regexp_replace(COALESCE(pg_get_function_sqlbody(p_1.oid), p_1.prosrc), '--[^\n]*|/\*.*?\*/|''([^'']|'''')*'''::text, ' '::text, 'g'::text), '"'::text, ''::text)) AS body,
            (l.lanname = ANY (ARRAY['sql'::name, 'plpgsql'::name])) AS is_readable
           FROM ((pg_proc p_1
             JOIN pg_namespace n ON ((p_1.pronamespace = n.oid)))
             JOIN pg_language l ON ((p_1.prolang = l.oid)))
          WHERE ((n.nspname !~ '^(pg_|information_schema$|mcp($|_)|tests$)'::text) AND (p_1.prokind = ANY (ARRAY['f'::"char", 'p'::"char"])) AND (p_1.prorettype <> ALL (ARRAY[('trigger'::regtype)::oid, ('event_trigger'::regtype)::oid])) AND (EXISTS ( SELECT
                   FROM guarded)) AND (NOT (EXISTS ( SELECT
                   FROM pg_depend d
                  WHERE ((d.classid = ('pg_proc'::regclass)::oid) AND (d.objid = p_1.oid) AND (d.deptype = 'e'::"char"))))))
        ), calls AS (
         SELECT c.oid AS definer,
            c.proowner AS role,
            c.oid AS routine
           FROM code c
          WHERE c.prosecdef
        UNION
         SELECT r_1.definer,
                CASE
                    WHEN c.prosecdef THEN c.proowner
                    ELSE r_1.role
                END AS role,
            c.oid
           FROM ((calls r_1
             JOIN code f_1 ON ((r_1.routine = f_1.oid)))
             JOIN code c ON (((strpos(f_1.body, lower((c.proname)::text)) > 0) AND (f_1.body ~ (('\m'::text || regexp_replace(lower((c.proname)::text), '\W'::text, '.'::text, 'g'::text)) || '\s*\('::text)))))
        ), definer_reads AS (
         SELECT DISTINCT r_1.definer,
            COALESCE(NULLIF(g.role, (0)::oid), r_1.role) AS role,
            g.table_id,
            ((NOT f_1.is_readable) OR (f_1.body ~ '\mexecute\M'::text)) AS is_unknown,
            g.is_stored
           FROM (((calls r_1
             JOIN code f_1 ON ((r_1.routine = f_1.oid)))
             JOIN guarded g ON (true))
             JOIN pg_class c ON ((g.relation = c.oid)))
          WHERE ((((NOT f_1.is_readable) OR (f_1.body ~ '\mexecute\M'::text)) AND (g.relation = g.table_id)) OR ((strpos(f_1.body, lower((c.relname)::text)) > 0) AND (f_1.body ~ (('\m'::text || regexp_replace(lower((c.relname)::text), '\W'::text, '.'::text, 'g'::text)) || '\M'::text))))
        ), found AS (
         SELECT
                CASE c.relkind
                    WHEN 'v'::"char" THEN 'view'::text
                    ELSE 'materialized view'::text
                END AS kind,
            c.oid AS id,
            ((c.oid)::regclass)::text AS object,
            g.table_id,
            g.role,
            g.is_stored,
            false AS is_unknown
           FROM (guarded g
             JOIN pg_class c ON (((g.relation = c.oid) AND (c.relkind = ANY (ARRAY['v'::"char", 'm'::"char"])))))
        UNION ALL
         SELECT 'function'::text AS kind,
            d.definer AS id,
            ((d.definer)::regprocedure)::text AS object,
            d.table_id,
            d.role,
            d.is_stored,
            d.is_unknown
           FROM definer_reads d
        )
 SELECT DISTINCT ON (f.kind, f.id) f.kind,
    f.id,
    f.object,
    ((f.table_id)::regclass)::text AS guarded,
        CASE
            WHEN f.is_stored THEN format('it keeps rows of %s for everybody, whatever row-level security says'::text, (f.table_id)::regclass)
            ELSE format('it %s %s as %s, who sees every row whatever the caller may see (%s)'::text,
            CASE
                WHEN f.is_unknown THEN 'may read'::text
                ELSE 'reads'::text
            END, (f.table_id)::regclass, r.rolname,
            CASE
                WHEN r.rolsuper THEN 'a superuser'::text
                WHEN r.rolbypassrls THEN 'it has BYPASSRLS'::text
                WHEN (NOT t.relrowsecurity) THEN 'it is a part of a table, whose policies do not bind it'::text
                WHEN p.is_open THEN 'a policy admits it to every row'::text
                ELSE 'the owner, and row-level security is not forced'::text
            END)
        END AS reason
   FROM (((found f
     JOIN pg_class t ON ((f.table_id = t.oid)))
     LEFT JOIN pg_roles r ON ((f.role = r.oid)))
     CROSS JOIN LATERAL ( SELECT (count(*) > 0) AS is_open
           FROM pg_policy o
          WHERE ((o.polrelid = t.oid) AND (o.polcmd = ANY (ARRAY['r'::"char", '*'::"char"])) AND (EXISTS ( SELECT
                   FROM mcp_migrate.open_policies m
                  WHERE ((m.oid = o.oid) AND (NOT m.is_check) AND ((NOT m.is_by_user) OR ((f.kind = 'function'::text) AND ((m.text ~~ '%<>%'::text) <> (strpos(m.text, quote_literal((r.rolname)::text)) > 0))))))) AND (EXISTS ( SELECT
                   FROM unnest(o.polroles) m(role)
                  WHERE ((m.role = (0)::oid) OR pg_has_role(f.role, m.role, 'usage'::text)))))) p)
  WHERE (f.is_stored OR ((f.role <> (0)::oid) AND (r.rolsuper OR r.rolbypassrls OR (NOT t.relrowsecurity) OR p.is_open OR (pg_has_role(f.role, t.relowner, 'usage'::text) AND (NOT t.relforcerowsecurity)))))
  ORDER BY f.kind, f.id, f.is_unknown, f.is_stored, f.table_id;
ALTER VIEW mcp_migrate.bypasses OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.bypasses IS 'Views, materialized views and definer functions that give rows which row-level security would keep from the caller. What a function reads is taken from its text.';
COMMENT ON COLUMN mcp_migrate.bypasses.kind IS 'view, materialized view or function.';
COMMENT ON COLUMN mcp_migrate.bypasses.id IS 'Key in pg_class or pg_proc.';
COMMENT ON COLUMN mcp_migrate.bypasses.object IS 'Its name.';
COMMENT ON COLUMN mcp_migrate.bypasses.guarded IS 'A table with row-level security whose rows it shows.';
COMMENT ON COLUMN mcp_migrate.bypasses.reason IS 'How it goes around row-level security.';

CREATE VIEW mcp_migrate.check_cached_tables WITH (security_invoker='true') AS
 SELECT ((c.oid)::regclass)::text AS object,
    'tools may read it, answers are kept (@tool cache=), and nothing tells the servers that it has changed: add a trigger with mcp_tool.notify_change()'::text AS problem,
    'ZM211'::text AS number
   FROM (pg_class c
     JOIN mcp_migrate.judged j ON (((j.classid = ('pg_class'::regclass)::oid) AND (c.oid = j.objid))))
  WHERE ((c.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) AND (NOT c.relispartition) AND has_table_privilege('mcp_tools'::name, c.oid, 'select'::text) AND (EXISTS ( SELECT
           FROM mcp_catalog.tools t
          WHERE (t.cache_seconds > 0))) AND (NOT (EXISTS ( SELECT
           FROM pg_trigger t
          WHERE ((t.tgrelid = c.oid) AND (t.tgfoid = ('mcp_tool.notify_change()'::regprocedure)::oid) AND (t.tgenabled = ANY (ARRAY['O'::"char", 'A'::"char"])))))));
ALTER VIEW mcp_migrate.check_cached_tables OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_cached_tables IS 'Tables whose changes do not reach the answers that servers keep.';
COMMENT ON COLUMN mcp_migrate.check_cached_tables.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_cached_tables.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_cached_tables.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_catalog WITH (security_invoker='true') AS
 SELECT ((f.oid)::regprocedure)::text AS object,
    r.reason AS problem,
    'ZM201'::text AS number
   FROM (mcp_catalog.exposed_functions() f(oid)
     CROSS JOIN LATERAL mcp_catalog.refusals(f.oid) r(reason))
UNION ALL
 SELECT 'mcp_catalog.tools'::text AS object,
    'it is older than the functions: select mcp_catalog.refresh_catalog()'::text AS problem,
    'ZM202'::text AS number
   FROM mcp_catalog.catalog_state c
  WHERE c.is_stale
UNION ALL
 SELECT format('hook %s'::text, h.hook) AS object,
    'its function is gone, or of another owner: select mcp_catalog.register_hook(...)'::text AS problem,
    'ZM203'::text AS number
   FROM mcp_catalog.hooks h
  WHERE (NOT (EXISTS ( SELECT
           FROM pg_proc p
          WHERE ((p.oid = (to_regprocedure(h.function))::oid) AND (p.proowner = (h.owner)::oid)))))
UNION ALL
 SELECT r.function AS object,
    r.reason AS problem,
    'ZM204'::text AS number
   FROM mcp_catalog.catalog_refusal r
  WHERE (r.function ~~ 'term %'::text);
ALTER VIEW mcp_migrate.check_catalog OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_catalog IS 'Functions in exposed schemas that cannot be tools, a catalogue that is out of date, hooks without a function, terms of the vocabulary that cannot be offered.';
COMMENT ON COLUMN mcp_migrate.check_catalog.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_catalog.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_catalog.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_comments WITH (security_invoker='true') AS
 WITH described AS (
         SELECT format('schema %s'::text, s.name) AS object,
            obj_description(s.oid, 'pg_namespace'::name) AS description,
            true AS is_made
           FROM mcp_migrate.managed_schemas s
        UNION ALL
         SELECT format('table or view %s'::text, (c.oid)::regclass) AS format,
            obj_description(c.oid, 'pg_class'::name) AS obj_description,
            j.is_made
           FROM (pg_class c
             JOIN mcp_migrate.judged j ON (((j.classid = ('pg_class'::regclass)::oid) AND (c.oid = j.objid))))
          WHERE ((NOT c.relispartition) AND (c.relname !~~ '%yoyo%'::text))
        UNION ALL
         SELECT format('column %s.%s'::text, (c.oid)::regclass, a.attname) AS format,
            col_description(c.oid, (a.attnum)::integer) AS col_description,
            j.is_made
           FROM ((pg_class c
             JOIN mcp_migrate.judged j ON (((j.classid = ('pg_class'::regclass)::oid) AND (c.oid = j.objid))))
             JOIN pg_attribute a ON (((c.oid = a.attrelid) AND (a.attnum > 0) AND (NOT a.attisdropped))))
          WHERE ((NOT c.relispartition) AND (c.relname !~~ '%yoyo%'::text))
        UNION ALL
         SELECT format('function %s'::text, (p.oid)::regprocedure) AS format,
            obj_description(p.oid, 'pg_proc'::name) AS obj_description,
            true
           FROM (pg_proc p
             JOIN mcp_migrate.judged j ON (((j.classid = ('pg_proc'::regclass)::oid) AND (p.oid = j.objid) AND j.is_made)))
        UNION ALL
         SELECT format('type %s'::text, (t.oid)::regtype) AS format,
            obj_description(t.oid, 'pg_type'::name) AS obj_description,
            true
           FROM ((pg_type t
             JOIN mcp_migrate.managed_schemas s ON ((t.typnamespace = s.oid)))
             LEFT JOIN pg_class c ON ((t.typrelid = c.oid)))
          WHERE (((t.typtype = ANY (ARRAY['d'::"char", 'e'::"char"])) OR ((t.typtype = 'c'::"char") AND (c.relkind = 'c'::"char"))) AND (NOT (EXISTS ( SELECT
                   FROM pg_depend d_1
                  WHERE ((d_1.classid = ('pg_type'::regclass)::oid) AND (t.oid = d_1.objid) AND (d_1.deptype = 'e'::"char"))))))
        UNION ALL
         SELECT format('policy %s on %s'::text, p.polname, (p.polrelid)::regclass) AS format,
            obj_description(p.oid, 'pg_policy'::name) AS obj_description,
            true
           FROM (pg_policy p
             JOIN mcp_migrate.judged_policies j ON (((p.oid = j.oid) AND j.is_made)))
        UNION ALL
         SELECT format('trigger %s on %s'::text, t.tgname, (t.tgrelid)::regclass) AS format,
            obj_description(t.oid, 'pg_trigger'::name) AS obj_description,
            true
           FROM (pg_trigger t
             JOIN pg_class c ON ((t.tgrelid = c.oid)))
          WHERE ((NOT t.tgisinternal) AND (t.tgparentid = (0)::oid) AND (NOT c.relispartition) AND ((c.relnamespace IN ( SELECT s.oid
                   FROM mcp_migrate.managed_schemas s)) OR (EXISTS ( SELECT
                   FROM mcp_migrate.object o
                  WHERE ((o.kind = 'trigger'::text) AND (o.identity = format('%I on %s'::text, t.tgname, (t.tgrelid)::regclass)))))))
        )
 SELECT object,
    'it has no comment: say what it means, and its unit'::text AS problem,
        CASE
            WHEN is_made THEN 'ZM301'::text
            ELSE 'ZM302'::text
        END AS number
   FROM described d
  WHERE (description IS NULL);
ALTER VIEW mcp_migrate.check_comments OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_comments IS 'Schemas, tables, columns, functions, types, policies and triggers of ours without a comment, and tables and columns that tools reach.';
COMMENT ON COLUMN mcp_migrate.check_comments.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_comments.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_comments.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_core_access WITH (security_invoker='true') AS
 WITH held AS (
         SELECT c.oid,
            c.relowner,
            c.relnamespace,
            NULL::name AS column_name,
            a.grantee,
            a.privilege_type
           FROM (pg_class c
             CROSS JOIN LATERAL aclexplode(NULLIF(c.relacl, '{}'::aclitem[])) a(grantor, grantee, privilege_type, is_grantable))
        UNION ALL
         SELECT c.oid,
            c.relowner,
            c.relnamespace,
            o.attname,
            a.grantee,
            a.privilege_type
           FROM ((pg_attribute o
             JOIN pg_class c ON ((o.attrelid = c.oid)))
             CROSS JOIN LATERAL aclexplode(NULLIF(o.attacl, '{}'::aclitem[])) a(grantor, grantee, privilege_type, is_grantable))
        )
 SELECT ((h.oid)::regclass)::text AS object,
    format('%1$s may %2$s: revoke all on %3$s from %1$s'::text, g.name, string_agg(DISTINCT concat(lower(h.privilege_type), ((' ('::text || quote_ident((h.column_name)::text)) || ')'::text)), ', '::text), (h.oid)::regclass) AS problem,
    'ZM143'::text AS number
   FROM ((held h
     JOIN pg_namespace n ON ((h.relnamespace = n.oid)))
     CROSS JOIN LATERAL ( SELECT
                CASE h.grantee
                    WHEN 0 THEN 'public'::text
                    ELSE ((h.grantee)::regrole)::text
                END AS name) g)
  WHERE ((n.nspname = ANY (ARRAY['mcp_auth'::name, 'mcp_catalog'::name, 'mcp_log'::name, 'mcp_tool'::name, 'mcp_migrate'::name])) AND (h.grantee <> h.relowner) AND (g.name <> 'mcp_core'::text) AND ((h.privilege_type = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text, 'TRUNCATE'::text, 'TRIGGER'::text])) OR ((n.nspname = 'mcp_auth'::name) AND (h.privilege_type = 'SELECT'::text) AND (h.column_name IS DISTINCT FROM 'user_id'::name))))
  GROUP BY h.oid, g.name;
ALTER VIEW mcp_migrate.check_core_access OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_core_access IS 'Tables of the core that a role which is not the core''s may change, and those of mcp_auth that it may read. Of functions zava-mcp migrate drift says so.';
COMMENT ON COLUMN mcp_migrate.check_core_access.object IS 'The table.';
COMMENT ON COLUMN mcp_migrate.check_core_access.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_core_access.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_definer_functions WITH (security_invoker='true') AS
 WITH unforced AS (
         SELECT c_1.oid,
            c_1.relowner
           FROM pg_class c_1
          WHERE ((c_1.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) AND c_1.relrowsecurity AND (NOT c_1.relforcerowsecurity))
        )
 SELECT ((p.oid)::regprocedure)::text AS object,
    c.problem,
    c.number
   FROM ((((pg_proc p
     JOIN mcp_migrate.judged j ON (((j.classid = ('pg_proc'::regclass)::oid) AND (p.oid = j.objid))))
     JOIN pg_roles r ON ((p.proowner = r.oid)))
     LEFT JOIN mcp_migrate.bypasses b ON (((b.kind = 'function'::text) AND (p.oid = b.id))))
     CROSS JOIN LATERAL ( VALUES ((j.is_made AND (NOT (EXISTS ( SELECT
                   FROM unnest(p.proconfig) c_1(setting)
                  WHERE (c_1.setting ~~ 'search\_path=%'::text)))) AND (NOT (p.oid IN ( SELECT f.oid
                   FROM mcp_catalog.exposed_functions() f(oid))))),'it has no search_path: add "set search_path = pg_catalog, pg_temp"'::text,'ZM132'::text), ((j.is_made AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR (r.rolcanlogin AND (NOT (EXISTS ( SELECT
                   FROM pg_extension e
                  WHERE (e.extname = 'citus'::name))))))),format('its owner %s has powers: give it to a role that has none'::text, r.rolname),'ZM133'::text), (((NOT j.is_made) AND (r.rolsuper OR r.rolbypassrls)),format('tools may execute it, and its owner %s sees every row of every table: revoke execute from public and from the roles of tools, or make it security invoker'::text, r.rolname),'ZM134'::text), (((NOT j.is_made) AND (NOT (r.rolsuper OR r.rolbypassrls)) AND (EXISTS ( SELECT
                   FROM unforced t
                  WHERE (t.relowner = r.oid)))),format('tools may execute it, and its owner %s sees every row of its own tables, such as %s: revoke execute from public and from the roles of tools, make it security invoker, or alter table ... force row level security'::text, r.rolname, ( SELECT min(((t.oid)::regclass)::text) AS min
                   FROM unforced t
                  WHERE (t.relowner = r.oid))),'ZM134'::text), (((NOT j.is_made) AND (b.id IS NOT NULL) AND (NOT (r.rolsuper OR r.rolbypassrls)) AND (NOT (EXISTS ( SELECT
                   FROM unforced t
                  WHERE (t.relowner = r.oid))))),format('tools may execute it, and %s: revoke execute from public and from the roles of tools, or make it security invoker'::text, b.reason),'ZM134'::text)) c(is_wrong, problem, number))
  WHERE (p.prosecdef AND c.is_wrong);
ALTER VIEW mcp_migrate.check_definer_functions OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_definer_functions IS 'SECURITY DEFINER functions whose names can be hijacked, or that run with powers; those of others that tools reach and whose owner passes by row-level security.';
COMMENT ON COLUMN mcp_migrate.check_definer_functions.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_definer_functions.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_definer_functions.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_descriptions WITH (security_invoker='true') AS
 SELECT ((p.oid)::regprocedure)::text AS object,
    'its comment says TODO, and clients read it: say what it does, and what each argument means'::text AS problem,
    'ZM303'::text AS number
   FROM (mcp_catalog.exposed_functions() f(oid)
     JOIN pg_proc p ON ((f.oid = p.oid)))
  WHERE (obj_description(p.oid, 'pg_proc'::name) ~ '\mTODO:'::text)
UNION ALL
 SELECT t.function AS object,
    format('the name %s has a dot or more than 60 characters, and hosts put theirs before it and refuse what is longer than 64: rename the function'::text, t.name) AS problem,
    'ZM304'::text AS number
   FROM mcp_catalog.tools t
  WHERE (t.name !~ '^[A-Za-z0-9_-]{1,60}$'::text)
UNION ALL
 SELECT t.function AS object,
    format('its description has %s characters, and hosts cut it, some after 1024: write what a choice of tools needs, and the rest into the arguments and results'::text, length(t.description)) AS problem,
    'ZM304'::text AS number
   FROM mcp_catalog.tools t
  WHERE (length(t.description) > 2000)
UNION ALL
 SELECT t.function AS object,
    format('there are %s tools to choose from, and its description %s'::text, c.tools,
        CASE
            WHEN (t.description !~ '\nExamples: '::text) THEN 'has no question that it answers: add lines @example'::text
            ELSE 'does not say when to use it, or when not: add a sentence such as "Use it for ..."'::text
        END) AS problem,
    'ZM305'::text AS number
   FROM (mcp_catalog.tools t
     CROSS JOIN ( SELECT count(*) AS tools
           FROM mcp_catalog.tools) c)
  WHERE ((c.tools > 10) AND ((t.description !~ '\nExamples: '::text) OR (split_part(t.description, '
Examples: '::text, 1) !~* '\m(use|call|ask|take|prefer) (it|this)\M|\minstead of\M'::text)))
UNION ALL
 SELECT f.function AS object,
    ('no audience may execute it: grant execute on it to one of '::text || ( SELECT string_agg((a.audience)::text, ', '::text ORDER BY ((a.audience)::text)) AS string_agg
           FROM mcp_auth.audiences a)) AS problem,
    'ZM306'::text AS number
   FROM ( SELECT t.function
           FROM mcp_catalog.tools t
        UNION ALL
         SELECT r.function
           FROM mcp_catalog.resources r
        UNION ALL
         SELECT p.function
           FROM mcp_catalog.prompts p) f
  WHERE ((EXISTS ( SELECT
           FROM mcp_auth.audiences)) AND (NOT (EXISTS ( SELECT
           FROM (mcp_auth.audiences a
             JOIN pg_roles r ON ((a.audience = r.rolname)))
          WHERE has_function_privilege(r.oid, (to_regprocedure(f.function))::oid, 'execute'::text)))));
ALTER VIEW mcp_migrate.check_descriptions OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_descriptions IS 'Tools whose comment is not written yet, whose name or description hosts refuse or cut, or which do not say when to use them although there are many; tools, resources and prompts of nobody.';
COMMENT ON COLUMN mcp_migrate.check_descriptions.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_descriptions.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_descriptions.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_distributed_code WITH (security_invoker='true') AS
 WITH RECURSIVE shard AS MATERIALIZED (
         SELECT p.oid
           FROM mcp_migrate.placements p
          WHERE ((p.placement = ANY (ARRAY['distributed'::text, 'reference'::text])) AND (p.oid IS NOT NULL))
        ), trigger AS MATERIALIZED (
         SELECT t.oid,
            (t.tgfoid)::regprocedure AS function,
            format('trigger %s: %s on %s'::text, (t.tgfoid)::regprocedure, t.tgname, s.oid) AS name,
            ((t.tgoldtable IS NOT NULL) OR (t.tgnewtable IS NOT NULL)) AS has_transition_table,
            (((t.tgtype)::integer & 32) > 0) AS is_on_truncate,
            t.tgnargs AS arguments
           FROM (shard s
             JOIN pg_trigger t ON ((((s.oid)::oid = t.tgrelid) AND (NOT t.tgisinternal) AND (t.tgparentid = (0)::oid))))
        ), called(oid) AS (
         SELECT d.refobjid
           FROM pg_depend d
          WHERE ((d.refclassid = ('pg_proc'::regclass)::oid) AND (((d.classid = ('pg_policy'::regclass)::oid) AND (d.objid IN ( SELECT p.oid
                   FROM (pg_policy p
                     JOIN shard s ON ((p.polrelid = (s.oid)::oid)))))) OR ((d.classid = ('pg_attrdef'::regclass)::oid) AND (d.objid IN ( SELECT a.oid
                   FROM (pg_attrdef a
                     JOIN shard s ON ((a.adrelid = (s.oid)::oid)))))) OR ((d.classid = ('pg_constraint'::regclass)::oid) AND (d.objid IN ( SELECT c.oid
                   FROM (pg_constraint c
                     JOIN shard s ON ((c.conrelid = (s.oid)::oid)))))) OR ((d.classid = ('pg_trigger'::regclass)::oid) AND (d.objid IN ( SELECT t.oid
                   FROM trigger t)))))
        UNION
         SELECT d.refobjid
           FROM (called f
             JOIN pg_depend d ON (((d.classid = ('pg_proc'::regclass)::oid) AND (f.oid = d.objid) AND (d.refclassid = ('pg_proc'::regclass)::oid))))
        )
 SELECT DISTINCT format('policy %s on %s'::text, p.polname, s.oid) AS object,
        CASE
            WHEN (e.tree ~ '\{SUBLINK '::text) THEN 'Citus takes no sub-select in a policy: f(), not (select f())'::text
            ELSE 'it calls a function and names no column: a worker that is added does not get the function'::text
        END AS problem,
    'ZM333'::text AS number
   FROM ((shard s
     JOIN pg_policy p ON (((s.oid)::oid = p.polrelid)))
     CROSS JOIN LATERAL unnest(ARRAY[(p.polqual)::text, (p.polwithcheck)::text]) e(tree))
  WHERE ((e.tree ~ '\{SUBLINK '::text) OR ((e.tree ~ '\{FUNCEXPR '::text) AND (e.tree !~ '\{VAR '::text)))
UNION ALL
 SELECT t.name AS object,
    x.problem,
    'ZM333'::text AS number
   FROM (trigger t
     CROSS JOIN LATERAL ( VALUES (t.has_transition_table,'on a worker no statement can join its transition table with a distributed table'::text), (t.is_on_truncate,'it fires on truncate, and Citus leaves it out of the shards'::text), (((t.arguments < 4) AND ((t.function)::oid = ANY ((ARRAY[to_regprocedure('mcp_tool.log_change()'::text), to_regprocedure('mcp_tool.log_inserts()'::text)])::oid[]))),'it would log the name of the shard: give the name of the table as its fourth argument'::text)) x(is_found, problem))
  WHERE x.is_found
UNION ALL
 SELECT format('columns of %s'::text, s.oid) AS object,
    'grants on columns do not reach the shards: grant on the table, or on a view'::text AS problem,
    'ZM333'::text AS number
   FROM shard s
  WHERE (EXISTS ( SELECT
           FROM pg_attribute a
          WHERE ((a.attrelid = (s.oid)::oid) AND (a.attacl IS NOT NULL) AND (a.attnum > 0) AND (NOT a.attisdropped))))
UNION ALL
 SELECT format('function %s'::text, (p.oid)::regprocedure) AS object,
    format('its "begin atomic" body depends on %s, so the workers do not get it: put it in quotes'::text, string_agg(DISTINCT ((d.refobjid)::regclass)::text, ', '::text)) AS problem,
    'ZM333'::text AS number
   FROM (((called f
     JOIN pg_proc p ON (((f.oid = p.oid) AND (p.prosqlbody IS NOT NULL))))
     JOIN pg_depend d ON (((d.classid = ('pg_proc'::regclass)::oid) AND (p.oid = d.objid) AND (d.refclassid = ('pg_class'::regclass)::oid))))
     JOIN pg_class c ON (((d.refobjid = c.oid) AND (c.relkind = ANY (ARRAY['r'::"char", 'p'::"char", 'v'::"char", 'm'::"char"])))))
  GROUP BY p.oid;
ALTER VIEW mcp_migrate.check_distributed_code OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_distributed_code IS 'Policies, triggers, grants and functions in a form that Citus does not take where [distribute] of zava.toml puts their tables: on shards, and on reference tables.';
COMMENT ON COLUMN mcp_migrate.check_distributed_code.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_distributed_code.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_distributed_code.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_distributed_keys WITH (security_invoker='true') AS
 SELECT format('%s on %s'::text, c.relname, p.oid) AS object,
    format('it does not start with %s, and no worker sees the rows of another'::text, p.column_name) AS problem,
    'ZM332'::text AS number
   FROM ((mcp_migrate.placements p
     JOIN pg_index i ON (((p.oid)::oid = i.indrelid)))
     JOIN pg_class c ON ((i.indexrelid = c.oid)))
  WHERE ((p.placement = 'distributed'::text) AND (i.indisunique OR i.indisexclusion) AND (i.indkey[0] <> p.attnum))
UNION ALL
 SELECT format('%s on %s'::text, c.conname, p.oid) AS object,
    x.problem,
    'ZM332'::text AS number
   FROM ((((mcp_migrate.placements p
     JOIN pg_constraint c ON ((((p.oid)::oid = c.conrelid) AND (c.contype = 'f'::"char") AND (c.conparentid = (0)::oid))))
     LEFT JOIN mcp_migrate.placements r ON ((c.confrelid = (r.oid)::oid)))
     CROSS JOIN LATERAL ( SELECT COALESCE(r.placement, 'local'::text) AS placement,
            (c.confdeltype = ANY (ARRAY['n'::"char", 'd'::"char"])) AS is_emptied,
            (c.confupdtype = ANY (ARRAY['n'::"char", 'd'::"char", 'c'::"char"])) AS is_changed) f)
     CROSS JOIN LATERAL ( VALUES (((p.placement = 'distributed'::text) AND (f.placement = 'distributed'::text) AND ((c.conkey[1] <> p.attnum) OR (c.confkey[1] <> r.attnum))),format('it does not start with %s on both sides'::text, p.column_name)), (((p.placement = 'distributed'::text) AND (f.placement = 'local'::text)),format('it refers to %s, which is local: make that a reference table'::text, (c.confrelid)::regclass)), (((p.placement = 'distributed'::text) AND (p.attnum = ANY (c.conkey)) AND (f.is_emptied OR f.is_changed)),format('it may change %s, which decides where the row is: no on update cascade, no set null, no set default'::text, p.column_name)), (((p.placement <> 'distributed'::text) AND (f.placement = 'distributed'::text)),format('a %s table cannot refer to %s, whose rows are spread over the workers'::text, p.placement, (c.confrelid)::regclass)), (((p.placement = 'reference'::text) AND (f.placement = 'local'::text) AND (f.is_emptied OR (c.confdeltype = 'c'::"char") OR f.is_changed)),format('a reference table may refer to %s, which is local, with no action but restrict'::text, (c.confrelid)::regclass))) x(is_found, problem))
  WHERE x.is_found;
ALTER VIEW mcp_migrate.check_distributed_keys OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_distributed_keys IS 'Keys that Citus refuses where [distribute] of zava.toml puts the tables.';
COMMENT ON COLUMN mcp_migrate.check_distributed_keys.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_distributed_keys.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_distributed_keys.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_distribution WITH (security_invoker='true') AS
 SELECT ((c.oid)::regclass)::text AS object,
    '[distribute] of zava.toml does not list it: distributed by a column, reference or local'::text AS problem,
    'ZM331'::text AS number
   FROM (( SELECT ((NULLIF(current_setting('mcp_migrate.distribute'::text, true), ''::text))::jsonb ->> 'tree'::text) AS tree) g
     JOIN pg_class c ON (((g.tree IS NOT NULL) AND (c.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) AND (NOT c.relispartition) AND ((EXISTS ( SELECT
           FROM mcp_migrate.schema s
          WHERE (s.is_judged AND (s.tree = g.tree) AND (s.schema = ((c.relnamespace)::regnamespace)::name)))) OR (EXISTS ( SELECT
           FROM mcp_migrate.made m
          WHERE ((m.kind = 'table'::text) AND (m.tree = g.tree) AND (m.oid = c.oid) AND ((to_regclass(m.name))::oid = c.oid))))))))
  WHERE (NOT (c.oid IN ( SELECT p.oid
           FROM mcp_migrate.placements p
          WHERE (p.oid IS NOT NULL))))
UNION ALL
 SELECT p.name AS object,
        CASE
            WHEN (p.oid IS NULL) THEN '[distribute] of zava.toml lists it, and there is no such table'::text
            WHEN ((c.relkind <> ALL (ARRAY['r'::"char", 'p'::"char"])) OR c.relispartition) THEN 'it is no table of its own: list the table that it is made from'::text
            WHEN ((p.attnum IS NULL) AND (p.placement = 'distributed'::text)) THEN format('it is distributed by %s, and has no such column'::text, p.column_name)
            ELSE '[distribute] of zava.toml lists it more than once'::text
        END AS problem,
    'ZM331'::text AS number
   FROM (mcp_migrate.placements p
     LEFT JOIN pg_class c ON (((p.oid)::oid = c.oid)))
  WHERE ((p.oid IS NULL) OR (c.relkind <> ALL (ARRAY['r'::"char", 'p'::"char"])) OR c.relispartition OR ((p.attnum IS NULL) AND (p.placement = 'distributed'::text)) OR (( SELECT count(*) AS count
           FROM mcp_migrate.placements o
          WHERE ((o.oid)::oid = (p.oid)::oid)) > 1));
ALTER VIEW mcp_migrate.check_distribution OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_distribution IS 'Tables of the project that [distribute] of zava.toml does not list, and what it lists that is no table. Without [distribute] nothing.';
COMMENT ON COLUMN mcp_migrate.check_distribution.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_distribution.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_distribution.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_foreign_keys WITH (security_invoker='true') AS
 SELECT format('%s on %s'::text, c.conname, (c.conrelid)::regclass) AS object,
    'no index starts with its columns, so each delete of the other side scans the table'::text AS problem,
    'ZM311'::text AS number
   FROM ((pg_constraint c
     JOIN pg_class t ON ((c.conrelid = t.oid)))
     JOIN mcp_migrate.managed_schemas s ON ((t.relnamespace = s.oid)))
  WHERE ((c.contype = 'f'::"char") AND (NOT t.relispartition) AND (NOT (EXISTS ( SELECT
           FROM ((pg_index i
             CROSS JOIN LATERAL generate_series(1, (i.indnkeyatts)::integer) n(length))
             CROSS JOIN LATERAL ( SELECT array_agg(k.attnum) AS attnums
                   FROM unnest((i.indkey)::smallint[]) WITH ORDINALITY k(attnum, "position")
                  WHERE (k."position" <= n.length)) prefix)
          WHERE ((i.indrelid = c.conrelid) AND (i.indpred IS NULL) AND (prefix.attnums <@ c.conkey) AND (EXISTS ( SELECT
                   FROM pg_constraint u
                  WHERE ((u.conrelid = c.confrelid) AND (u.contype = ANY (ARRAY['p'::"char", 'u'::"char"])) AND (u.conkey <@ ARRAY( SELECT c.confkey[array_position(c.conkey, p.attnum)] AS confkey
                           FROM unnest(prefix.attnums) p(attnum)))))))))));
ALTER VIEW mcp_migrate.check_foreign_keys OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_foreign_keys IS 'Foreign keys whose columns no index starts with.';
COMMENT ON COLUMN mcp_migrate.check_foreign_keys.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_foreign_keys.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_foreign_keys.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_hidden_rows WITH (security_invoker='true') AS
 SELECT ((c.oid)::regclass)::text AS object,
    format('%s may use it, and no policy admits that role: since our files turned row-level security on it sees no row. Name it in a permissive policy, as in that of who had rights before, or revoke its rights'::text, string_agg(DISTINCT
        CASE u.role
            WHEN 0 THEN 'PUBLIC'::text
            ELSE ((u.role)::regrole)::text
        END, ', '::text)) AS problem,
    'ZM115'::text AS number
   FROM (((mcp_migrate.made m
     JOIN pg_class c ON (((m.kind = 'row security'::text) AND (m.oid = c.oid) AND c.relrowsecurity)))
     JOIN mcp_migrate.row_users u ON ((c.oid = u.relation)))
     LEFT JOIN pg_roles r ON ((u.role = r.oid)))
  WHERE ((u.privilege = ANY (ARRAY['SELECT'::text, 'INSERT'::text, 'UPDATE'::text, 'DELETE'::text])) AND ((u.role = (0)::oid) OR (r.oid IS NOT NULL)) AND (NOT COALESCE((r.rolsuper OR r.rolbypassrls), false)) AND (COALESCE(r.rolname, ''::name) <> ALL (ARRAY['mcp_core'::name, 'mcp_tools'::name, 'mcp_sandbox'::name, 'mcp_server'::name])) AND ((u.role = (0)::oid) OR c.relforcerowsecurity OR (NOT pg_has_role(NULLIF(u.role, (0)::oid), c.relowner, 'usage'::text))) AND (NOT (EXISTS ( SELECT
           FROM (pg_policy p
             CROSS JOIN LATERAL unnest(p.polroles) q(role))
          WHERE ((p.polrelid = c.oid) AND p.polpermissive AND ((q.role = (0)::oid) OR pg_has_role(NULLIF(u.role, (0)::oid), q.role, 'usage'::text)))))))
  GROUP BY c.oid;
ALTER VIEW mcp_migrate.check_hidden_rows OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_hidden_rows IS 'Tables of others whose row-level security our files turned on, and roles with rights that no policy of them admits.';
COMMENT ON COLUMN mcp_migrate.check_hidden_rows.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_hidden_rows.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_hidden_rows.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_indexes WITH (security_invoker='true') AS
 SELECT ((i.indexrelid)::regclass)::text AS object,
    'it is invalid, left by a failed concurrent build: drop it and build it again'::text AS problem,
    'ZM312'::text AS number
   FROM ((pg_index i
     JOIN pg_class c ON ((i.indrelid = c.oid)))
     JOIN mcp_migrate.judged j ON (((j.classid = ('pg_class'::regclass)::oid) AND (c.oid = j.objid))))
  WHERE ((NOT c.relispartition) AND (NOT (i.indisvalid AND i.indisready)));
ALTER VIEW mcp_migrate.check_indexes OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_indexes IS 'Indexes that a failed build left behind.';
COMMENT ON COLUMN mcp_migrate.check_indexes.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_indexes.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_indexes.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_lockdown WITH (security_invoker='true') AS
 WITH ours AS (
         SELECT r.oid
           FROM pg_roles r
          WHERE (r.rolname = ANY (ARRAY['mcp_core'::name, 'mcp_tools'::name, 'mcp_sandbox'::name, 'mcp_server'::name]))
        UNION ALL
         SELECT m.member
           FROM pg_auth_members m
          WHERE ((m.roleid = (to_regrole('mcp_server'::text))::oid) AND (NOT (EXISTS ( SELECT
                   FROM pg_auth_members o
                  WHERE ((o.roleid = (to_regrole('mcp_core'::text))::oid) AND (m.member = o.member))))))
        ), gap AS (
         SELECT
                CASE a.grantee
                    WHEN 0 THEN 'PUBLIC'::text
                    ELSE ((a.grantee)::regrole)::text
                END AS grantee,
            a.class,
                CASE a.kind
                    WHEN 'function'::text THEN a.object
                    ELSE format('%s %s'::text, a.kind, a.object)
                END AS object
           FROM mcp_migrate.access() a(kind, object, class, grantee, privilege, column_name)
          WHERE (((a.grantee = (0)::oid) OR (a.grantee IN ( SELECT o.oid
                   FROM ours o))) AND (NOT ((a.class = 'runaway'::text) AND (a.grantee = ANY (ARRAY[(to_regrole('mcp_core'::text))::oid, (to_regrole('mcp_tools'::text))::oid])))) AND (NOT ((a.kind = 'schema'::text) AND (a.object = 'public'::text) AND (a.privilege = 'usage'::text) AND ((a.grantee = ANY (ARRAY[(to_regrole('mcp_core'::text))::oid, (to_regrole('mcp_tools'::text))::oid])) OR ((a.grantee = (to_regrole('mcp_sandbox'::text))::oid) AND (EXISTS ( SELECT
                   FROM mcp_migrate.object o
                  WHERE ((o.kind = 'policy'::text) AND (o.identity ~ ' on public\.'::text)))))))) AND (NOT (EXISTS ( SELECT
                   FROM mcp_migrate.lockdown_grants g_1
                  WHERE ((a.grantee <> (0)::oid) AND (g_1.role = ((a.grantee)::regrole)::text) AND (g_1.privilege = a.privilege) AND (a.column_name = ''::text) AND (g_1.kind = a.kind) AND (COALESCE(g_1.object, quote_ident((current_database())::text)) = a.object))))))
        )
 SELECT grantee AS object,
    format('it may use what the lock-down forbids, class "%s": %s%s: select mcp_migrate.lock_down(), or a line in mcp_migrate.lockdown_grants'::text, class, array_to_string((array_agg(DISTINCT object ORDER BY g.object))[:5], ', '::text),
        CASE
            WHEN (count(DISTINCT object) > 5) THEN format(' and %s more'::text, (count(DISTINCT object) - 5))
            ELSE NULL::text
        END) AS problem,
    'ZM151'::text AS number
   FROM gap g
  WHERE (( SELECT s.value
           FROM mcp_catalog.settings s
          WHERE (s.name = 'lockdown'::text)) <> 'false'::jsonb)
  GROUP BY grantee, class;
ALTER VIEW mcp_migrate.check_lockdown OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_lockdown IS 'What PUBLIC and our roles may use although the lock-down forbids it: of this PostgreSQL, or of an extension that came later. None where it is off.';
COMMENT ON COLUMN mcp_migrate.check_lockdown.object IS 'The role that may use it.';
COMMENT ON COLUMN mcp_migrate.check_lockdown.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_lockdown.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_masks WITH (security_invoker='true') AS
 SELECT format('%s.%I'::text, (m.relation)::regclass, m.column_name) AS object,
    m.problem,
    'ZM107'::text AS number
   FROM mcp_catalog.column_masks() m(relation, attnum, column_name, type_name, rule, function, audiences, problem)
  WHERE (m.problem IS NOT NULL)
UNION ALL
 SELECT ((v.oid)::regclass)::text AS object,
    format('it is older than the masks of %s: apply the file that calls mcp_migrate.mask_table again'::text, (t.relation)::regclass) AS problem,
    'ZM108'::text AS number
   FROM (pg_class v
     CROSS JOIN LATERAL mcp_catalog.masked_table(v.oid) t(relation))
  WHERE ((v.relkind = 'v'::"char") AND (t.relation IS NOT NULL) AND ("substring"(obj_description(v.oid, 'pg_class'::name), '[^\n]*$'::text) <> mcp_migrate.mask_comment(t.relation)));
ALTER VIEW mcp_migrate.check_masks OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_masks IS 'Masks of columns that cannot work, or that free queries go around; views that mask by rules of before.';
COMMENT ON COLUMN mcp_migrate.check_masks.object IS 'The column, or the view.';
COMMENT ON COLUMN mcp_migrate.check_masks.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_masks.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_policies WITH (security_invoker='true') AS
 WITH expressions AS (
         SELECT format('%s on %s'::text, p_1.polname, (p_1.polrelid)::regclass) AS object,
            p_1.polroles,
            c.relowner,
            j.is_made,
            (c.relnamespace = ANY (ARRAY( SELECT s.oid
                   FROM mcp_migrate.managed_schemas s))) AS is_ours,
            ( SELECT bool_or(((r.oid = (0)::oid) OR pg_has_role(t.oid, NULLIF(r.oid, (0)::oid), 'usage'::text))) AS bool_or
                   FROM (unnest(p_1.polroles) r(oid)
                     CROSS JOIN mcp_migrate.tool_roles t)) AS is_for_tools,
            concat_ws(' '::text, pg_get_expr(p_1.polqual, p_1.polrelid), pg_get_expr(p_1.polwithcheck, p_1.polrelid)) AS expression,
            ((p_1.polcmd = 'a'::"char") AND (p_1.polroles = ARRAY( SELECT r.oid
                   FROM pg_roles r
                  WHERE (r.rolname = 'mcp_core'::name)))) AS is_of_change_log,
            (p_1.oid IN ( SELECT o.oid
                   FROM mcp_migrate.open_policies o
                  WHERE (NOT o.is_by_user))) AS is_open
           FROM ((mcp_migrate.judged_policies j
             JOIN pg_policy p_1 ON ((j.oid = p_1.oid)))
             JOIN pg_class c ON ((p_1.polrelid = c.oid)))
        )
 SELECT e.object,
    p.problem,
    p.number
   FROM (expressions e
     CROSS JOIN LATERAL ( VALUES ((e.is_made AND ((0)::oid = ANY (e.polroles)) AND (e.expression !~* '^\(?current_user <> all \(array\[''mcp_tools''::name, ''mcp_sandbox''::name\]\)'::text)),'it applies to PUBLIC: name the roles, "to ..."'::text,'ZM111'::text), ((e.is_open AND (e.polroles <> ARRAY[e.relowner]) AND (NOT e.is_of_change_log) AND (e.is_for_tools OR (e.is_made AND e.is_ours))),'it admits every row: only the owner of the table may have using (true)'::text,'ZM112'::text), ((e.is_made AND (regexp_replace(e.expression, '\( SELECT [a-z_]+\.[a-z_]+\([^()]*\) AS [a-z_]+\)'::text, ''::text, 'g'::text) ~ '[a-z_]+\.[a-z_]+\('::text)),'it calls a function for every row: write (select schema.function())'::text,'ZM113'::text), (((NOT e.is_made) AND e.is_for_tools AND (NOT e.is_open)),'it was there before, and admits rows to tools as well: see that it fits their callers, or alter policy ... to the roles it is for'::text,'ZM114'::text)) p(is_wrong, problem, number))
  WHERE p.is_wrong;
ALTER VIEW mcp_migrate.check_policies OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_policies IS 'Policies that are open to PUBLIC or to every row, that call a function once a row, or that were there and apply to tools.';
COMMENT ON COLUMN mcp_migrate.check_policies.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_policies.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_policies.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_public_execute WITH (security_invoker='true') AS
 SELECT ((p.oid)::regprocedure)::text AS object,
    'PUBLIC may execute it: revoke all on routine ... from public'::text AS problem,
    'ZM131'::text AS number
   FROM (pg_proc p
     JOIN mcp_migrate.judged j ON (((j.classid = ('pg_proc'::regclass)::oid) AND (p.oid = j.objid) AND j.is_made)))
  WHERE ((EXISTS ( SELECT
           FROM aclexplode(COALESCE(p.proacl, acldefault('f'::"char", p.proowner))) a(grantor, grantee, privilege_type, is_grantable)
          WHERE (a.grantee = (0)::oid))) AND (NOT (p.oid IN ( SELECT f.oid
           FROM mcp_catalog.exposed_functions() f(oid)))));
ALTER VIEW mcp_migrate.check_public_execute OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_public_execute IS 'Functions of ours that PUBLIC may execute, but for the tools, whose refusals check_catalog tells.';
COMMENT ON COLUMN mcp_migrate.check_public_execute.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_public_execute.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_public_execute.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_roles WITH (security_invoker='true') AS
 WITH core AS (
         SELECT r.rolname,
            r.rolsuper,
            r.rolinherit,
            r.rolcreaterole,
            r.rolcreatedb,
            r.rolcanlogin,
            r.rolreplication,
            r.rolconnlimit,
            r.rolpassword,
            r.rolvaliduntil,
            r.rolbypassrls,
            r.rolconfig,
            r.oid
           FROM pg_roles r
          WHERE ((r.rolname = ANY (ARRAY['mcp_core'::name, 'mcp_tools'::name, 'mcp_sandbox'::name, 'mcp_server'::name])) OR (r.rolname IN ( SELECT a.audience
                   FROM mcp_auth.audiences a)))
        )
 SELECT (r.rolname)::text AS object,
    p.problem,
    'ZM141'::text AS number
   FROM (core r
     CROSS JOIN LATERAL ( VALUES (r.rolsuper,'it is a superuser: alter role ... nosuperuser'::text), (r.rolbypassrls,'it bypasses row-level security: alter role ... nobypassrls'::text), (r.rolcreaterole,'it may create roles: alter role ... nocreaterole'::text), (r.rolcreatedb,'it may create databases: alter role ... nocreatedb'::text), (r.rolreplication,'it may replicate: alter role ... noreplication'::text), ((r.rolcanlogin AND (NOT (EXISTS ( SELECT
                   FROM pg_extension e
                  WHERE (e.extname = 'citus'::name))))),'it may log in: alter role ... nologin'::text), ((EXISTS ( SELECT
                   FROM pg_auth_members m
                  WHERE (m.member = r.oid))),'it is a member of another role: revoke ... from it'::text)) p(is_wrong, problem))
  WHERE p.is_wrong
UNION ALL
 SELECT (a.audience)::text AS object,
    'the audience is no role of this cluster: create role ... nologin'::text AS problem,
    'ZM142'::text AS number
   FROM mcp_auth.audiences a
  WHERE (NOT (EXISTS ( SELECT
           FROM pg_roles r
          WHERE (r.rolname = a.audience))));
ALTER VIEW mcp_migrate.check_roles OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_roles IS 'Roles of the project with more powers than they need.';
COMMENT ON COLUMN mcp_migrate.check_roles.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_roles.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_roles.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_row_security WITH (security_invoker='true') AS
 WITH reached AS (
         SELECT c.oid,
            c.relowner,
            c.relkind,
            c.relispartition,
            c.relrowsecurity,
            c.relforcerowsecurity,
            j.is_made,
            j.is_direct
           FROM (mcp_migrate.judged j
             JOIN pg_class c ON ((j.objid = c.oid)))
          WHERE ((j.classid = ('pg_class'::regclass)::oid) AND j.is_reached AND (c.relkind = ANY (ARRAY['r'::"char", 'p'::"char", 'f'::"char"])) AND (j.is_direct OR (NOT j.is_made)))
        )
 SELECT ((r.oid)::regclass)::text AS object,
    p.problem,
    p.number
   FROM (reached r
     CROSS JOIN LATERAL ( VALUES ((r.relispartition AND r.is_direct AND (NOT r.relrowsecurity)),'it is a partition, and reading it goes around the policies of its table: revoke ... on it'::text,'ZM102'::text), ((r.is_made AND (NOT r.relispartition) AND (NOT r.relrowsecurity)),'row-level security is off: alter table ... enable row level security'::text,'ZM101'::text), (((NOT r.is_made) AND (NOT r.relispartition) AND (NOT r.relrowsecurity)),'tools read it, and every caller sees all of it: enable row level security and write a policy, or accept it where it holds nothing of one tenant'::text,'ZM105'::text), ((r.is_made AND (NOT r.relispartition) AND (NOT r.relforcerowsecurity) AND (EXISTS ( SELECT
                   FROM (pg_proc f
                     JOIN mcp_migrate.judged s ON (((s.classid = ('pg_proc'::regclass)::oid) AND (f.oid = s.objid) AND s.is_made)))
                  WHERE (f.prosecdef AND (r.relowner = f.proowner))))),'its owner also owns definer functions, which see every row: alter table ... force row level security'::text,'ZM103'::text), (((NOT r.relispartition) AND (r.relkind <> 'f'::"char") AND (r.is_made OR r.relrowsecurity) AND (NOT (EXISTS ( SELECT
                   FROM pg_policy p_1
                  WHERE (p_1.polrelid = r.oid))))),'it has no policy, so nobody sees a row: write sql/policies/<table>.sql'::text,'ZM104'::text)) p(is_wrong, problem, number))
  WHERE p.is_wrong;
ALTER VIEW mcp_migrate.check_row_security OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_row_security IS 'Tables that tools reach without row-level security and a policy, or whose owner''s definer functions see every row for want of FORCE; partitions that tools may touch by themselves.';
COMMENT ON COLUMN mcp_migrate.check_row_security.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_row_security.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_row_security.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_system_columns WITH (security_invoker='true') AS
 SELECT ((c.oid)::regclass)::text AS object,
    format('the sandbox may read its system columns, which count the rows of others (ctid) and their writes (xmin)%s: revoke select on %s from %s%s'::text,
        CASE
            WHEN g.is_public THEN ', since PUBLIC may'::text
            ELSE NULL::text
        END, (c.oid)::regclass,
        CASE
            WHEN g.is_public THEN 'public, and grant it to who needs it'::text
            ELSE 'mcp_sandbox'::text
        END, ( SELECT format('; grant select (%s) on %s to mcp_sandbox'::text, string_agg(quote_ident((a.attname)::text), ', '::text ORDER BY a.attnum), (c.oid)::regclass) AS format
           FROM pg_attribute a
          WHERE ((a.attrelid = c.oid) AND (a.attnum > 0) AND (NOT a.attisdropped) AND (NOT g.is_public))
         HAVING (count(*) > 0))) AS problem,
        CASE
            WHEN g.is_public THEN 'ZM109'::text
            ELSE 'ZM106'::text
        END AS number
   FROM ((pg_class c
     JOIN pg_namespace n ON ((c.relnamespace = n.oid)))
     CROSS JOIN LATERAL ( SELECT (COALESCE(bool_or((a.grantee = (0)::oid)), false) AND (NOT bool_or(((a.grantee <> (0)::oid) AND pg_has_role('mcp_sandbox'::name, a.grantee, 'usage'::text))))) AS is_public
           FROM aclexplode(NULLIF(c.relacl, '{}'::aclitem[])) a(grantor, grantee, privilege_type, is_grantable)
          WHERE (a.privilege_type = 'SELECT'::text)) g)
  WHERE ((c.relkind = ANY (ARRAY['r'::"char", 'p'::"char", 'm'::"char", 'f'::"char"])) AND (n.nspname !~ '^pg_|^information_schema$'::text) AND (EXISTS ( SELECT
           FROM pg_attribute a
          WHERE ((a.attrelid = c.oid) AND (a.attnum < 0) AND has_column_privilege('mcp_sandbox'::name, c.oid, a.attnum, 'select'::text)))));
ALTER VIEW mcp_migrate.check_system_columns OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_system_columns IS 'Tables whose system columns SQL of clients may read: a grant of the whole table includes them, a grant by column does not.';
COMMENT ON COLUMN mcp_migrate.check_system_columns.object IS 'The table.';
COMMENT ON COLUMN mcp_migrate.check_system_columns.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_system_columns.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_tenant_keys WITH (security_invoker='true') AS
 SELECT format('%s on %s'::text, c.conname, (c.conrelid)::regclass) AS object,
    format('it does not start with %s'::text, k.tenant_key) AS problem,
    'ZM321'::text AS number
   FROM ((((( SELECT (m.value #>> '{}'::text[]) AS tenant_key
           FROM mcp_catalog.settings m
          WHERE (m.name = 'tenant_key'::text)) k
     JOIN pg_attribute a ON (((k.tenant_key = a.attname) AND (a.attnum > 0))))
     JOIN pg_constraint c ON ((a.attrelid = c.conrelid)))
     JOIN pg_class t ON (((c.conrelid = t.oid) AND (t.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])))))
     JOIN mcp_migrate.managed_schemas s ON ((t.relnamespace = s.oid)))
  WHERE ((c.contype = ANY (ARRAY['p'::"char", 'u'::"char", 'f'::"char"])) AND (NOT t.relispartition) AND (a.attnum <> c.conkey[1]) AND (NOT ((c.contype = 'f'::"char") AND (NOT (EXISTS ( SELECT
           FROM pg_attribute f
          WHERE ((f.attrelid = c.confrelid) AND (f.attname = k.tenant_key) AND (f.attnum > 0))))))) AND (NOT (EXISTS ( SELECT
           FROM pg_constraint own
          WHERE ((own.conrelid = t.oid) AND (own.contype = 'p'::"char") AND (own.conkey = ARRAY[a.attnum]))))));
ALTER VIEW mcp_migrate.check_tenant_keys OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_tenant_keys IS 'Primary, unique and foreign keys of tenant tables that do not start with the tenant key, which the setting tenant_key names.';
COMMENT ON COLUMN mcp_migrate.check_tenant_keys.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_tenant_keys.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_tenant_keys.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.check_view_security WITH (security_invoker='true') AS
 WITH RECURSIVE options(invoker) AS (
         VALUES (ARRAY['security_invoker=true'::text, 'security_invoker=on'::text, 'security_invoker=1'::text, 'security_invoker=yes'::text])
        ), reads(view, owner, relation) AS (
         SELECT v_1.oid,
            v_1.relowner,
            d.refobjid
           FROM (((mcp_migrate.judged j_1
             JOIN pg_class v_1 ON (((j_1.classid = ('pg_class'::regclass)::oid) AND (j_1.objid = v_1.oid))))
             JOIN pg_rewrite r ON ((v_1.oid = r.ev_class)))
             JOIN pg_depend d ON (((d.classid = ('pg_rewrite'::regclass)::oid) AND (r.oid = d.objid))))
          WHERE (j_1.is_reached AND (v_1.relkind = ANY (ARRAY['v'::"char", 'm'::"char"])) AND (d.refclassid = ('pg_class'::regclass)::oid) AND (d.refobjid <> v_1.oid))
        UNION
         SELECT a.view,
            a.owner,
            d.refobjid
           FROM (((((reads a
             JOIN pg_class v_1 ON (((a.relation = v_1.oid) AND (v_1.relkind = 'v'::"char"))))
             JOIN pg_class outer_view ON ((a.view = outer_view.oid)))
             CROSS JOIN options o_1)
             JOIN pg_rewrite r ON ((v_1.oid = r.ev_class)))
             JOIN pg_depend d ON (((d.classid = ('pg_rewrite'::regclass)::oid) AND (r.oid = d.objid))))
          WHERE ((d.refclassid = ('pg_class'::regclass)::oid) AND (d.refobjid <> v_1.oid) AND ((outer_view.relkind = 'm'::"char") OR COALESCE((v_1.reloptions && o_1.invoker), false)))
        ), secured AS (
         SELECT a.view,
            a.owner,
            string_agg(DISTINCT ((a.relation)::regclass)::text, ', '::text) AS tables
           FROM (reads a
             JOIN mcp_migrate.guarded g ON ((a.relation = g.relation)))
          GROUP BY a.view, a.owner
        )
 SELECT ((v.oid)::regclass)::text AS object,
    format(
        CASE
            WHEN (v.relkind = 'v'::"char") THEN 'its owner %2$s sees every row of %1$s, and so do tools through it: alter view %3$s set (security_invoker = true)'::text
            WHEN j.is_direct THEN 'it holds rows of %1$s, whose row-level security does not bind it: revoke it from the roles of tools, and offer a view or function that filters by the caller'::text
            ELSE 'it holds rows of %1$s, whose row-level security does not bind it, and tools reach it through a view or function: see that this filters by the caller'::text
        END, s.tables, (s.owner)::regrole, (v.oid)::regclass) AS problem,
        CASE
            WHEN (v.relkind = 'v'::"char") THEN 'ZM121'::text
            WHEN j.is_direct THEN 'ZM122'::text
            ELSE 'ZM123'::text
        END AS number
   FROM ((((secured s
     JOIN pg_class v ON ((s.view = v.oid)))
     JOIN mcp_migrate.judged j ON (((j.classid = ('pg_class'::regclass)::oid) AND (v.oid = j.objid))))
     LEFT JOIN mcp_migrate.bypasses b ON (((b.kind = 'view'::text) AND (v.oid = b.id))))
     CROSS JOIN options o)
  WHERE ((v.relkind = 'm'::"char") OR ((b.id IS NOT NULL) AND (NOT COALESCE((v.reloptions && o.invoker), false))));
ALTER VIEW mcp_migrate.check_view_security OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.check_view_security IS 'Views that tools reach and whose owner passes by row-level security; materialised views that hold what row-level security would select from.';
COMMENT ON COLUMN mcp_migrate.check_view_security.object IS 'What it is about.';
COMMENT ON COLUMN mcp_migrate.check_view_security.problem IS 'What is wrong, and what to change.';
COMMENT ON COLUMN mcp_migrate.check_view_security.number IS 'Number in mcp_migrate.checks.';

CREATE VIEW mcp_migrate.checks WITH (security_invoker='true') AS
 SELECT number,
    level,
    name,
    title
   FROM ( VALUES ('ZM101'::text,'error'::text,'row_security'::text,'A table that tools reach has no row-level security'::text), ('ZM102'::text,'error'::text,'row_security'::text,'A partition can be read around the policies of its table'::text), ('ZM103'::text,'error'::text,'row_security'::text,'Definer functions of the owner see every row'::text), ('ZM104'::text,'warning'::text,'row_security'::text,'A table with row-level security has no policy'::text), ('ZM105'::text,'warning'::text,'row_security'::text,'Tools reach an accepted table without row-level security'::text), ('ZM106'::text,'error'::text,'system_columns'::text,'Free queries read the system columns of a table'::text), ('ZM107'::text,'error'::text,'masks'::text,'A mask of a column cannot work'::text), ('ZM108'::text,'error'::text,'masks'::text,'A view masks by rules of before'::text), ('ZM109'::text,'warning'::text,'system_columns'::text,'Free queries read the system columns of a table as PUBLIC'::text), ('ZM111'::text,'error'::text,'policies'::text,'A policy applies to PUBLIC'::text), ('ZM112'::text,'error'::text,'policies'::text,'A policy admits every row'::text), ('ZM113'::text,'warning'::text,'policies'::text,'A policy calls a function for every row'::text), ('ZM114'::text,'warning'::text,'policies'::text,'A policy that was there applies to tools too'::text), ('ZM115'::text,'error'::text,'hidden_rows'::text,'Row-level security of ours hides every row from a role'::text), ('ZM121'::text,'error'::text,'view_security'::text,'A view that tools reach goes around row-level security'::text), ('ZM122'::text,'error'::text,'view_security'::text,'A materialised view holds the rows of all tenants'::text), ('ZM123'::text,'warning'::text,'view_security'::text,'Tools reach a materialised view of all tenants through something else'::text), ('ZM131'::text,'error'::text,'public_execute'::text,'PUBLIC may execute a function'::text), ('ZM132'::text,'error'::text,'definer_functions'::text,'A definer function has no search_path'::text), ('ZM133'::text,'error'::text,'definer_functions'::text,'The owner of a definer function has powers'::text), ('ZM134'::text,'error'::text,'definer_functions'::text,'A definer function that tools reach goes around row-level security'::text), ('ZM141'::text,'error'::text,'roles'::text,'A role has powers'::text), ('ZM142'::text,'error'::text,'roles'::text,'An audience is no role'::text), ('ZM143'::text,'error'::text,'core_access'::text,'A role that is not the core''s reaches its tables'::text), ('ZM151'::text,'error'::text,'lockdown'::text,'Somebody may use what the lock-down forbids'::text), ('ZM201'::text,'error'::text,'catalog'::text,'A function cannot be a tool'::text), ('ZM202'::text,'error'::text,'catalog'::text,'The catalogue is older than the functions'::text), ('ZM203'::text,'error'::text,'catalog'::text,'The function of a hook is gone'::text), ('ZM204'::text,'error'::text,'catalog'::text,'A term of the vocabulary cannot be offered'::text), ('ZM211'::text,'warning'::text,'cached_tables'::text,'Changes of a table do not reach cached answers'::text), ('ZM301'::text,'warning'::text,'comments'::text,'An object has no comment'::text), ('ZM302'::text,'note'::text,'comments'::text,'A table or column that tools reach has no comment'::text), ('ZM303'::text,'note'::text,'descriptions'::text,'The comment of a tool is not written yet'::text), ('ZM304'::text,'note'::text,'descriptions'::text,'Hosts cut a description, or refuse a name'::text), ('ZM305'::text,'note'::text,'descriptions'::text,'One of many tools does not say when to use it'::text), ('ZM306'::text,'note'::text,'descriptions'::text,'No audience may execute a tool'::text), ('ZM311'::text,'warning'::text,'foreign_keys'::text,'No index starts with the columns of a foreign key'::text), ('ZM312'::text,'warning'::text,'indexes'::text,'An index is invalid'::text), ('ZM321'::text,'warning'::text,'tenant_keys'::text,'A key does not start with the tenant'::text), ('ZM331'::text,'warning'::text,'distribution'::text,'The list of [distribute] does not fit the tables'::text), ('ZM332'::text,'warning'::text,'distributed_keys'::text,'A key does not fit a cluster'::text), ('ZM333'::text,'warning'::text,'distributed_code'::text,'What runs on a worker has a form that Citus does not take'::text)) v(number, level, name, title);
ALTER VIEW mcp_migrate.checks OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.checks IS 'What the views check_* look for. A number keeps its meaning for ever; docs/checks has a page for each.';
COMMENT ON COLUMN mcp_migrate.checks.number IS 'Number, as in a finding and in zava.toml.';
COMMENT ON COLUMN mcp_migrate.checks.level IS 'error: apply keeps nothing. warning: verify fails. note: for who reads.';
COMMENT ON COLUMN mcp_migrate.checks.name IS 'Its view is mcp_migrate.check_<name>.';
COMMENT ON COLUMN mcp_migrate.checks.title IS 'What is wrong, in one sentence.';

CREATE VIEW mcp_migrate.guarded WITH (security_invoker='true') AS
 WITH RECURSIVE guarded(relation) AS (
         SELECT c.oid
           FROM pg_class c
          WHERE ((c.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) AND c.relrowsecurity)
        UNION
         SELECT i.inhrelid
           FROM (guarded g_1
             JOIN pg_inherits i ON ((g_1.relation = i.inhparent)))
        )
 SELECT relation
   FROM guarded g;
ALTER VIEW mcp_migrate.guarded OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.guarded IS 'Tables with row-level security, and their partitions and children: who reads such a part by itself is bound by no policy of the table above.';
COMMENT ON COLUMN mcp_migrate.guarded.relation IS 'The table.';

CREATE VIEW mcp_migrate.judged WITH (security_invoker='true') AS
 WITH ledger AS MATERIALIZED (
         SELECT o.kind,
                CASE o.kind
                    WHEN 'routine'::text THEN to_regprocedure(o.identity)
                    ELSE NULL::regprocedure
                END AS routine,
                CASE o.kind
                    WHEN 'view'::text THEN to_regclass(o.identity)
                    ELSE NULL::regclass
                END AS view
           FROM mcp_migrate.object o
        ), made(classid, objid) AS (
         SELECT ('pg_class'::regclass)::oid AS oid,
            c.oid
           FROM (pg_class c
             JOIN mcp_migrate.managed_schemas s ON ((c.relnamespace = s.oid)))
          WHERE (c.relkind = ANY (ARRAY['r'::"char", 'p'::"char", 'v'::"char", 'm'::"char", 'f'::"char"]))
        UNION
         SELECT ('pg_proc'::regclass)::oid AS oid,
            p.oid
           FROM (pg_proc p
             JOIN mcp_migrate.managed_schemas s ON ((p.pronamespace = s.oid)))
        UNION
         SELECT ('pg_proc'::regclass)::oid AS oid,
            (l.routine)::oid AS routine
           FROM ledger l
          WHERE (l.routine IS NOT NULL)
        UNION
         SELECT ('pg_class'::regclass)::oid AS oid,
            (l.view)::oid AS view
           FROM ledger l
          WHERE (l.view IS NOT NULL)
        )
 SELECT COALESCE(m.classid, r.classid) AS classid,
    COALESCE(m.objid, r.objid) AS objid,
    (m.objid IS NOT NULL) AS is_made,
    (r.objid IS NOT NULL) AS is_reached,
    COALESCE(r.is_direct, false) AS is_direct
   FROM (( SELECT a.classid,
            a.objid
           FROM made a
          WHERE (NOT (EXISTS ( SELECT
                   FROM pg_depend d
                  WHERE ((a.classid = d.classid) AND (a.objid = d.objid) AND (d.deptype = 'e'::"char")))))) m
     FULL JOIN mcp_migrate.reached() r(classid, objid, is_direct) ON (((m.classid = r.classid) AND (m.objid = r.objid))));
ALTER VIEW mcp_migrate.judged OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.judged IS 'The relations and functions that the checks look at: what our files made, and what tools reach. Nothing of extensions. The rest of the database is nobody''s business here.';
COMMENT ON COLUMN mcp_migrate.judged.classid IS 'pg_class or pg_proc.';
COMMENT ON COLUMN mcp_migrate.judged.objid IS 'Key in that catalogue.';
COMMENT ON COLUMN mcp_migrate.judged.is_made IS 'Whether it is in a schema of ours or in the ledger.';
COMMENT ON COLUMN mcp_migrate.judged.is_reached IS 'Whether tools reach it, as mcp_migrate.reached says.';
COMMENT ON COLUMN mcp_migrate.judged.is_direct IS 'Whether they do so by a privilege of their own.';

CREATE VIEW mcp_migrate.judged_policies WITH (security_invoker='true') AS
 SELECT p.oid,
    (COALESCE(j.is_made, false) OR (EXISTS ( SELECT
           FROM mcp_migrate.object o
          WHERE ((o.kind = 'policy'::text) AND (o.identity = format('%I on %I.%I'::text, p.polname, n.nspname, c.relname)))))) AS is_made
   FROM (((pg_policy p
     JOIN pg_class c ON ((p.polrelid = c.oid)))
     JOIN pg_namespace n ON ((c.relnamespace = n.oid)))
     LEFT JOIN mcp_migrate.judged j ON (((j.classid = ('pg_class'::regclass)::oid) AND (p.polrelid = j.objid))))
  WHERE ((NOT c.relispartition) AND ((j.objid IS NOT NULL) OR (EXISTS ( SELECT
           FROM mcp_migrate.object o
          WHERE ((o.kind = 'policy'::text) AND (o.identity = format('%I on %I.%I'::text, p.polname, n.nspname, c.relname)))))));
ALTER VIEW mcp_migrate.judged_policies OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.judged_policies IS 'The policies that the checks look at: those of our files, of tables of ours, and of tables that tools reach.';
COMMENT ON COLUMN mcp_migrate.judged_policies.oid IS 'Key in pg_policy.';
COMMENT ON COLUMN mcp_migrate.judged_policies.is_made IS 'Whether a file of ours made it, or its table is of a schema of ours.';

CREATE VIEW mcp_migrate.managed_schemas WITH (security_invoker='true') AS
 SELECT n.oid,
    n.nspname AS name
   FROM (mcp_migrate.schema s
     JOIN pg_namespace n ON ((s.schema = n.nspname)))
  WHERE s.is_judged;
ALTER VIEW mcp_migrate.managed_schemas OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.managed_schemas IS 'Schemas of which everything is checked: those that versioned files made, unless "zava-mcp migrate baseline" accepted them as they stand.';
COMMENT ON COLUMN mcp_migrate.managed_schemas.oid IS 'Key in pg_namespace.';
COMMENT ON COLUMN mcp_migrate.managed_schemas.name IS 'Name.';

CREATE VIEW mcp_migrate.open_policies WITH (security_invoker='true') AS
 SELECT p.oid,
    e.is_check,
    x.text,
    ((NOT o.is_always) AND ((e.tree)::text ~ '\{SQLVALUEFUNCTION '::text)) AS is_by_user
   FROM (((pg_policy p
     CROSS JOIN LATERAL ( VALUES (false,p.polqual), (true,p.polwithcheck)) e(is_check, tree))
     CROSS JOIN LATERAL pg_get_expr(e.tree, p.polrelid) x(text))
     CROSS JOIN LATERAL ( VALUES ((x.text ~ '^\(true OR |[^()] OR true\)$|\) OR true\)$'::text))) o(is_always))
  WHERE (p.polpermissive AND (x.text <> 'false'::text) AND (o.is_always OR (((e.tree)::text !~ '\{(VAR|SUBLINK|FUNCEXPR) '::text) AND (((e.tree)::text !~ '\{SQLVALUEFUNCTION '::text) OR (x.text ~ '\mCURRENT_USER\M'::text)))));
ALTER VIEW mcp_migrate.open_policies OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.open_policies IS 'Expressions of permissive policies that admit every row by their words: true, what does not ask the row, such as 1 = 1, or anything OR true.';
COMMENT ON COLUMN mcp_migrate.open_policies.oid IS 'Key in pg_policy.';
COMMENT ON COLUMN mcp_migrate.open_policies.is_check IS 'Whether it is the one of WITH CHECK, not that of USING.';
COMMENT ON COLUMN mcp_migrate.open_policies.text IS 'The expression.';
COMMENT ON COLUMN mcp_migrate.open_policies.is_by_user IS 'Whether it asks who reads: every row or none for each role.';

CREATE VIEW mcp_migrate.placements WITH (security_invoker='true') AS
 SELECT t.name,
    to_regclass(t.name) AS oid,
    t.placement,
    t."column" AS column_name,
    a.attnum
   FROM ((( SELECT ((NULLIF(current_setting('mcp_migrate.distribute'::text, true), ''::text))::jsonb -> 'tables'::text) AS tables) g
     CROSS JOIN LATERAL jsonb_to_recordset(g.tables) t(name text, placement text, "column" text))
     LEFT JOIN pg_attribute a ON ((((to_regclass(t.name))::oid = a.attrelid) AND (t."column" = a.attname) AND (a.attnum > 0) AND (NOT a.attisdropped))));
ALTER VIEW mcp_migrate.placements OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.placements IS 'Where a cluster would keep each table, as the table [distribute] of zava.toml says: "verify" puts it into the setting mcp_migrate.distribute. Without that there are no rows.';
COMMENT ON COLUMN mcp_migrate.placements.name IS 'The table, as zava.toml names it.';
COMMENT ON COLUMN mcp_migrate.placements.oid IS 'Key in pg_class; null where there is no such table.';
COMMENT ON COLUMN mcp_migrate.placements.placement IS 'distributed: its rows are spread over the workers. reference: each worker has all of it. local: it stays with the coordinator.';
COMMENT ON COLUMN mcp_migrate.placements.column_name IS 'The column that decides on which worker a row of a distributed table is; else null.';
COMMENT ON COLUMN mcp_migrate.placements.attnum IS 'Number of that column; null where the table has no such column.';

CREATE VIEW mcp_migrate.row_users WITH (security_invoker='true') AS
 SELECT c.oid AS relation,
    a.grantee AS role,
    a.privilege_type AS privilege
   FROM (pg_class c
     CROSS JOIN LATERAL aclexplode(COALESCE(c.relacl, acldefault('r'::"char", c.relowner))) a(grantor, grantee, privilege_type, is_grantable))
  WHERE (c.relkind = ANY (ARRAY['r'::"char", 'p'::"char"]))
UNION
 SELECT t.attrelid AS relation,
    a.grantee AS role,
    a.privilege_type AS privilege
   FROM (pg_attribute t
     CROSS JOIN LATERAL aclexplode(t.attacl) a(grantor, grantee, privilege_type, is_grantable))
  WHERE ((t.attnum > 0) AND (NOT t.attisdropped))
UNION
 SELECT c.oid AS relation,
    r.oid AS role,
    v.privilege
   FROM ((pg_class c
     CROSS JOIN ( VALUES ('pg_read_all_data'::text,'SELECT'::text), ('pg_write_all_data'::text,'UPDATE'::text)) v(role, privilege))
     JOIN pg_roles r ON ((v.role = r.rolname)))
  WHERE ((c.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) AND (EXISTS ( SELECT
           FROM pg_auth_members m
          WHERE (m.roleid = r.oid))));
ALTER VIEW mcp_migrate.row_users OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.row_users IS 'Who may do something with the rows of a table: by a grant on it or on a column, or as a member of the predefined roles.';
COMMENT ON COLUMN mcp_migrate.row_users.relation IS 'The table.';
COMMENT ON COLUMN mcp_migrate.row_users.role IS 'The role; 0 is PUBLIC.';
COMMENT ON COLUMN mcp_migrate.row_users.privilege IS 'As aclexplode names it.';

CREATE VIEW mcp_migrate.tool_roles WITH (security_invoker='true') AS
 SELECT oid,
    rolname AS name
   FROM pg_roles r
  WHERE (rolname = ANY (ARRAY['mcp_tools'::name, 'mcp_sandbox'::name]));
ALTER VIEW mcp_migrate.tool_roles OWNER TO postgres;
COMMENT ON VIEW mcp_migrate.tool_roles IS 'The roles as which tools and the SQL of their callers run: mcp_tools and mcp_sandbox.';
COMMENT ON COLUMN mcp_migrate.tool_roles.oid IS 'Key in pg_roles.';
COMMENT ON COLUMN mcp_migrate.tool_roles.name IS 'Name.';

CREATE FUNCTION mcp_migrate.access() RETURNS TABLE(kind text, object text, class text, grantee oid, privilege text, column_name text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.access() OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.access() IS 'List which roles hold forbidden privileges.';
REVOKE ALL ON FUNCTION mcp_migrate.access() FROM PUBLIC;

CREATE FUNCTION mcp_migrate.acl_of(kind text, object text, column_name text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.acl_of(kind text, object text, column_name text) OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.acl_of(kind text, object text, column_name text) IS 'Return the access list of an object from the catalogue.';
REVOKE ALL ON FUNCTION mcp_migrate.acl_of(kind text, object text, column_name text) FROM PUBLIC;

CREATE FUNCTION mcp_migrate.forbidden() RETURNS TABLE(kind text, object text, class text, is_public boolean, acl aclitem[])
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.forbidden() OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.forbidden() IS 'List the objects of PostgreSQL and of extensions that the lock-down forbids.';
REVOKE ALL ON FUNCTION mcp_migrate.forbidden() FROM PUBLIC;

CREATE FUNCTION mcp_migrate.is_same_acl(one aclitem[], other aclitem[], usual aclitem[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.is_same_acl(one aclitem[], other aclitem[], usual aclitem[]) OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.is_same_acl(one aclitem[], other aclitem[], usual aclitem[]) IS 'Return whether two access lists grant the same.';
REVOKE ALL ON FUNCTION mcp_migrate.is_same_acl(one aclitem[], other aclitem[], usual aclitem[]) FROM PUBLIC;

CREATE FUNCTION mcp_migrate.keep_lockdown() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.keep_lockdown() OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.keep_lockdown() IS 'End an apply: if the database is locked down, lock new objects too. The first time the setting mcp_migrate.lockdown decides. The embedded server sets it for its databases; every other database stays open.';
REVOKE ALL ON FUNCTION mcp_migrate.keep_lockdown() FROM PUBLIC;

CREATE FUNCTION mcp_migrate.lift_lockdown() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.lift_lockdown() OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.lift_lockdown() IS 'Undo mcp_migrate.lock_down: PUBLIC gets back what it lost, the roles lose what they were given for it, and each access list is as it was, to the byte, unless somebody else changed it since. What others granted or revoked meanwhile stays.';
REVOKE ALL ON FUNCTION mcp_migrate.lift_lockdown() FROM PUBLIC;

CREATE FUNCTION mcp_migrate.lock_down() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.lock_down() OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.lock_down() IS 'Take from PUBLIC what mcp_migrate.forbidden lists, and grant to the roles what mcp_migrate.lockdown_grants and mcp_migrate.spared list. What runs away stays with roles that own something here, or were granted CONNECT, but for mcp_sandbox and the logins of servers. Each access list that it changes is stored in mcp_migrate.locked. Where that is done already nothing happens, so it may be called again: after a restore, an upgrade or a new extension.';
REVOKE ALL ON FUNCTION mcp_migrate.lock_down() FROM PUBLIC;

CREATE FUNCTION mcp_migrate.lockdown_changes() RETURNS TABLE(is_grant boolean, kind text, object text, column_name text, role name, privilege text, class text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.lockdown_changes() OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.lockdown_changes() IS 'Return what mcp_migrate.lock_down would change now: grants to the roles of mcp_migrate.lockdown_grants and mcp_migrate.spared; grants of what is of class runaway to roles that own something here or were granted CONNECT, but for mcp_sandbox and the logins of servers; revokes from PUBLIC, and revokes of what was given for a reason that is gone.';
REVOKE ALL ON FUNCTION mcp_migrate.lockdown_changes() FROM PUBLIC;

CREATE FUNCTION mcp_migrate.lockdown_plan() RETURNS TABLE(role text, is_login boolean, loses text, privileges bigint, objects text[])
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.lockdown_plan() OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.lockdown_plan() IS 'List what each other role would lose by mcp_migrate.lock_down. Superusers lose nothing. A role that holds a privilege by itself, by a role that it inherits from, or because it is spared keeps it.';
REVOKE ALL ON FUNCTION mcp_migrate.lockdown_plan() FROM PUBLIC;

CREATE FUNCTION mcp_migrate.mask_comment(relation oid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.mask_comment(relation oid) OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.mask_comment(relation oid) IS 'Return the last line of the comment of a masking view, from the current masks.';
REVOKE ALL ON FUNCTION mcp_migrate.mask_comment(relation oid) FROM PUBLIC;

CREATE FUNCTION mcp_migrate.mask_table(relation regclass, view text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.mask_table(relation regclass, view text) OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.mask_table(relation regclass, view text) IS 'Create or replace the view with which free queries read a table with masked columns. Call it in the file of the table''s policies, after the grants and the comments.';
REVOKE ALL ON FUNCTION mcp_migrate.mask_table(relation regclass, view text) FROM PUBLIC;

CREATE FUNCTION mcp_migrate.masked_columns(relation oid) RETURNS TABLE(attnum smallint, column_name name, expression text, mask text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.masked_columns(relation oid) OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.masked_columns(relation oid) IS 'Return the columns of a table for free queries: those that mcp_sandbox reads, and the masked ones that mcp_tools reads.';
REVOKE ALL ON FUNCTION mcp_migrate.masked_columns(relation oid) FROM PUBLIC;

CREATE FUNCTION mcp_migrate.reached() RETURNS TABLE(classid oid, objid oid, is_direct boolean)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.reached() OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.reached() IS 'Return what tools and the SQL of their callers can reach, also what other roles made: relations that the roles of mcp_migrate.tool_roles hold a privilege on, functions that they may execute, and what views and functions with a parsed body use of others. What a body written as text uses shows only in the privileges. Nothing of PostgreSQL''s own, nothing of extensions.';
REVOKE ALL ON FUNCTION mcp_migrate.reached() FROM PUBLIC;

CREATE FUNCTION mcp_migrate.restore_acl(kind text, object text, column_name text, acl text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_migrate.restore_acl(kind text, object text, column_name text, acl text) OWNER TO postgres;
COMMENT ON FUNCTION mcp_migrate.restore_acl(kind text, object text, column_name text, acl text) IS 'Write an access list as it was, where it grants the same already: its order, and null for the default.';
REVOKE ALL ON FUNCTION mcp_migrate.restore_acl(kind text, object text, column_name text, acl text) FROM PUBLIC;

CREATE SCHEMA mcp_operator;
ALTER SCHEMA mcp_operator OWNER TO postgres;
COMMENT ON SCHEMA mcp_operator IS 'What the operators of schema mcp_sandbox call. Nobody uses it by name.';

CREATE FUNCTION mcp_operator.array_contained(one anyarray, other anyarray) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.array_contained(one anyarray, other anyarray) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.array_contained(one anyarray, other anyarray) IS 'The built-in operator <@, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.array_contained(one anyarray, other anyarray) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.array_contained(one anyarray, other anyarray) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.array_contains(one anyarray, other anyarray) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.array_contains(one anyarray, other anyarray) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.array_contains(one anyarray, other anyarray) IS 'The built-in operator @>, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.array_contains(one anyarray, other anyarray) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.array_contains(one anyarray, other anyarray) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.array_overlaps(one anyarray, other anyarray) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.array_overlaps(one anyarray, other anyarray) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.array_overlaps(one anyarray, other anyarray) IS 'The built-in operator &&, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.array_overlaps(one anyarray, other anyarray) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.array_overlaps(one anyarray, other anyarray) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.ilike_char(one character, other text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.ilike_char(one character, other text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.ilike_char(one character, other text) IS 'The built-in operator ~~*, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.ilike_char(one character, other text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.ilike_char(one character, other text) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.ilike_text(one text, other text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.ilike_text(one text, other text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.ilike_text(one text, other text) IS 'The built-in operator ~~*, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.ilike_text(one text, other text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.ilike_text(one text, other text) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.json_contained(one jsonb, other jsonb) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.json_contained(one jsonb, other jsonb) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.json_contained(one jsonb, other jsonb) IS 'The built-in operator <@, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.json_contained(one jsonb, other jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.json_contained(one jsonb, other jsonb) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.json_contains(one jsonb, other jsonb) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.json_contains(one jsonb, other jsonb) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.json_contains(one jsonb, other jsonb) IS 'The built-in operator @>, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.json_contains(one jsonb, other jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.json_contains(one jsonb, other jsonb) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.json_has_all(one jsonb, other text[]) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.json_has_all(one jsonb, other text[]) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.json_has_all(one jsonb, other text[]) IS 'The built-in operator ?&, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.json_has_all(one jsonb, other text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.json_has_all(one jsonb, other text[]) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.json_has_any(one jsonb, other text[]) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.json_has_any(one jsonb, other text[]) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.json_has_any(one jsonb, other text[]) IS 'The built-in operator ?|, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.json_has_any(one jsonb, other text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.json_has_any(one jsonb, other text[]) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.like_char(one character, other text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.like_char(one character, other text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.like_char(one character, other text) IS 'The built-in operator ~~, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.like_char(one character, other text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.like_char(one character, other text) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.like_text(one text, other text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.like_text(one text, other text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.like_text(one text, other text) IS 'The built-in operator ~~, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.like_text(one text, other text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.like_text(one text, other text) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.not_ilike_char(one character, other text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.not_ilike_char(one character, other text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.not_ilike_char(one character, other text) IS 'The built-in operator !~~*, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.not_ilike_char(one character, other text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.not_ilike_char(one character, other text) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.not_ilike_text(one text, other text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.not_ilike_text(one text, other text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.not_ilike_text(one text, other text) IS 'The built-in operator !~~*, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.not_ilike_text(one text, other text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.not_ilike_text(one text, other text) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.not_like_char(one character, other text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.not_like_char(one character, other text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.not_like_char(one character, other text) IS 'The built-in operator !~~, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.not_like_char(one character, other text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.not_like_char(one character, other text) TO mcp_sandbox;

CREATE FUNCTION mcp_operator.not_like_text(one text, other text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_operator.not_like_text(one text, other text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_operator.not_like_text(one text, other text) IS 'The built-in operator !~~, bounded, for SQL of clients.';
REVOKE ALL ON FUNCTION mcp_operator.not_like_text(one text, other text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_operator.not_like_text(one text, other text) TO mcp_sandbox;

CREATE SCHEMA mcp_sandbox;
ALTER SCHEMA mcp_sandbox OWNER TO postgres;
COMMENT ON SCHEMA mcp_sandbox IS 'Stand-ins for built-ins that can fill the memory: what SQL of a client finds in their place.';
GRANT USAGE ON SCHEMA mcp_sandbox TO mcp_sandbox;

CREATE FUNCTION mcp_sandbox.array_to_string(value anyarray, delimiter text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_sandbox.array_to_string(value anyarray, delimiter text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_sandbox.array_to_string(value anyarray, delimiter text) IS 'Replace the built-in array_to_string for SQL of clients; refuse arguments that are too long.';
REVOKE ALL ON FUNCTION mcp_sandbox.array_to_string(value anyarray, delimiter text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_sandbox.array_to_string(value anyarray, delimiter text) TO mcp_sandbox;

CREATE FUNCTION mcp_sandbox.btrim(value text, letters text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_sandbox.btrim(value text, letters text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_sandbox.btrim(value text, letters text) IS 'Replace the built-in btrim for SQL of clients; refuse arguments that are too long.';
REVOKE ALL ON FUNCTION mcp_sandbox.btrim(value text, letters text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_sandbox.btrim(value text, letters text) TO mcp_sandbox;

CREATE FUNCTION mcp_sandbox.lpad(value text, length integer, fill text DEFAULT ' '::text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_sandbox.lpad(value text, length integer, fill text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_sandbox.lpad(value text, length integer, fill text) IS 'Replace the built-in lpad for SQL of clients; refuse arguments that are too long.';
REVOKE ALL ON FUNCTION mcp_sandbox.lpad(value text, length integer, fill text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_sandbox.lpad(value text, length integer, fill text) TO mcp_sandbox;

CREATE FUNCTION mcp_sandbox.ltrim(value text, letters text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_sandbox.ltrim(value text, letters text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_sandbox.ltrim(value text, letters text) IS 'Replace the built-in ltrim for SQL of clients; refuse arguments that are too long.';
REVOKE ALL ON FUNCTION mcp_sandbox.ltrim(value text, letters text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_sandbox.ltrim(value text, letters text) TO mcp_sandbox;

CREATE FUNCTION mcp_sandbox.repeat(value text, times integer) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_sandbox.repeat(value text, times integer) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_sandbox.repeat(value text, times integer) IS 'Replace the built-in repeat for SQL of clients; refuse arguments that are too long.';
REVOKE ALL ON FUNCTION mcp_sandbox.repeat(value text, times integer) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_sandbox.repeat(value text, times integer) TO mcp_sandbox;

CREATE FUNCTION mcp_sandbox.replace(value text, part text, substitute text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_sandbox.replace(value text, part text, substitute text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_sandbox.replace(value text, part text, substitute text) IS 'Replace the built-in replace for SQL of clients; refuse arguments that are too long.';
REVOKE ALL ON FUNCTION mcp_sandbox.replace(value text, part text, substitute text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_sandbox.replace(value text, part text, substitute text) TO mcp_sandbox;

CREATE FUNCTION mcp_sandbox.rpad(value text, length integer, fill text DEFAULT ' '::text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_sandbox.rpad(value text, length integer, fill text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_sandbox.rpad(value text, length integer, fill text) IS 'Replace the built-in rpad for SQL of clients; refuse arguments that are too long.';
REVOKE ALL ON FUNCTION mcp_sandbox.rpad(value text, length integer, fill text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_sandbox.rpad(value text, length integer, fill text) TO mcp_sandbox;

CREATE FUNCTION mcp_sandbox.rtrim(value text, letters text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_sandbox.rtrim(value text, letters text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_sandbox.rtrim(value text, letters text) IS 'Replace the built-in rtrim for SQL of clients; refuse arguments that are too long.';
REVOKE ALL ON FUNCTION mcp_sandbox.rtrim(value text, letters text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_sandbox.rtrim(value text, letters text) TO mcp_sandbox;

CREATE FUNCTION mcp_sandbox.split_part(value text, delimiter text, part integer) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_sandbox.split_part(value text, delimiter text, part integer) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_sandbox.split_part(value text, delimiter text, part integer) IS 'Replace the built-in split_part for SQL of clients; refuse arguments that are too long.';
REVOKE ALL ON FUNCTION mcp_sandbox.split_part(value text, delimiter text, part integer) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_sandbox.split_part(value text, delimiter text, part integer) TO mcp_sandbox;

CREATE FUNCTION mcp_sandbox.string_to_array(value text, delimiter text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_sandbox.string_to_array(value text, delimiter text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_sandbox.string_to_array(value text, delimiter text) IS 'Replace the built-in string_to_array for SQL of clients; refuse arguments that are too long.';
REVOKE ALL ON FUNCTION mcp_sandbox.string_to_array(value text, delimiter text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_sandbox.string_to_array(value text, delimiter text) TO mcp_sandbox;

CREATE FUNCTION mcp_sandbox.strpos(value text, part text) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_sandbox.strpos(value text, part text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_sandbox.strpos(value text, part text) IS 'Replace the built-in strpos for SQL of clients; refuse arguments that are too long.';
REVOKE ALL ON FUNCTION mcp_sandbox.strpos(value text, part text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_sandbox.strpos(value text, part text) TO mcp_sandbox;

CREATE FUNCTION mcp_sandbox.translate(value text, letters text, substitutes text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_sandbox.translate(value text, letters text, substitutes text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_sandbox.translate(value text, letters text, substitutes text) IS 'Replace the built-in translate for SQL of clients; refuse arguments that are too long.';
REVOKE ALL ON FUNCTION mcp_sandbox.translate(value text, letters text, substitutes text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_sandbox.translate(value text, letters text, substitutes text) TO mcp_sandbox;

CREATE OPERATOR mcp_sandbox.!~~ (
    FUNCTION = mcp_operator.not_like_char,
    LEFTARG = character,
    RIGHTARG = text
);
ALTER OPERATOR mcp_sandbox.!~~ (character, text) OWNER TO postgres;
CREATE OPERATOR mcp_sandbox.!~~ (
    FUNCTION = mcp_operator.not_like_text,
    LEFTARG = text,
    RIGHTARG = text
);
ALTER OPERATOR mcp_sandbox.!~~ (text, text) OWNER TO postgres;

CREATE OPERATOR mcp_sandbox.!~~* (
    FUNCTION = mcp_operator.not_ilike_char,
    LEFTARG = character,
    RIGHTARG = text
);
ALTER OPERATOR mcp_sandbox.!~~* (character, text) OWNER TO postgres;
CREATE OPERATOR mcp_sandbox.!~~* (
    FUNCTION = mcp_operator.not_ilike_text,
    LEFTARG = text,
    RIGHTARG = text
);
ALTER OPERATOR mcp_sandbox.!~~* (text, text) OWNER TO postgres;

CREATE OPERATOR mcp_sandbox.&& (
    FUNCTION = mcp_operator.array_overlaps,
    LEFTARG = anyarray,
    RIGHTARG = anyarray
);
ALTER OPERATOR mcp_sandbox.&& (anyarray, anyarray) OWNER TO postgres;

CREATE OPERATOR mcp_sandbox.<@ (
    FUNCTION = mcp_operator.array_contained,
    LEFTARG = anyarray,
    RIGHTARG = anyarray
);
ALTER OPERATOR mcp_sandbox.<@ (anyarray, anyarray) OWNER TO postgres;
CREATE OPERATOR mcp_sandbox.<@ (
    FUNCTION = mcp_operator.json_contained,
    LEFTARG = jsonb,
    RIGHTARG = jsonb
);
ALTER OPERATOR mcp_sandbox.<@ (jsonb, jsonb) OWNER TO postgres;

CREATE OPERATOR mcp_sandbox.?& (
    FUNCTION = mcp_operator.json_has_all,
    LEFTARG = jsonb,
    RIGHTARG = text[]
);
ALTER OPERATOR mcp_sandbox.?& (jsonb, text[]) OWNER TO postgres;

CREATE OPERATOR mcp_sandbox.?| (
    FUNCTION = mcp_operator.json_has_any,
    LEFTARG = jsonb,
    RIGHTARG = text[]
);
ALTER OPERATOR mcp_sandbox.?| (jsonb, text[]) OWNER TO postgres;

CREATE OPERATOR mcp_sandbox.@> (
    FUNCTION = mcp_operator.array_contains,
    LEFTARG = anyarray,
    RIGHTARG = anyarray
);
ALTER OPERATOR mcp_sandbox.@> (anyarray, anyarray) OWNER TO postgres;
CREATE OPERATOR mcp_sandbox.@> (
    FUNCTION = mcp_operator.json_contains,
    LEFTARG = jsonb,
    RIGHTARG = jsonb
);
ALTER OPERATOR mcp_sandbox.@> (jsonb, jsonb) OWNER TO postgres;

CREATE OPERATOR mcp_sandbox.~~ (
    FUNCTION = mcp_operator.like_char,
    LEFTARG = character,
    RIGHTARG = text
);
ALTER OPERATOR mcp_sandbox.~~ (character, text) OWNER TO postgres;
CREATE OPERATOR mcp_sandbox.~~ (
    FUNCTION = mcp_operator.like_text,
    LEFTARG = text,
    RIGHTARG = text
);
ALTER OPERATOR mcp_sandbox.~~ (text, text) OWNER TO postgres;

CREATE OPERATOR mcp_sandbox.~~* (
    FUNCTION = mcp_operator.ilike_char,
    LEFTARG = character,
    RIGHTARG = text
);
ALTER OPERATOR mcp_sandbox.~~* (character, text) OWNER TO postgres;
CREATE OPERATOR mcp_sandbox.~~* (
    FUNCTION = mcp_operator.ilike_text,
    LEFTARG = text,
    RIGHTARG = text
);
ALTER OPERATOR mcp_sandbox.~~* (text, text) OWNER TO postgres;

CREATE SCHEMA mcp_tool;
ALTER SCHEMA mcp_tool OWNER TO postgres;
COMMENT ON SCHEMA mcp_tool IS 'Helpers for authors of tools: content, questions, progress, log messages, errors with a field.';
GRANT USAGE ON SCHEMA mcp_tool TO mcp_core, mcp_tools, mcp_sandbox;

CREATE TYPE mcp_tool.prompt_message AS (
	role text,
	content jsonb
);
ALTER TYPE mcp_tool.prompt_message OWNER TO mcp_core;
COMMENT ON TYPE mcp_tool.prompt_message IS 'One message of a prompt; mcp_tool.message makes it.';
COMMENT ON COLUMN mcp_tool.prompt_message.role IS 'user or assistant.';
COMMENT ON COLUMN mcp_tool.prompt_message.content IS 'One content block.';

CREATE TYPE mcp_tool.query_result AS (
	columns text[],
	rows jsonb,
	row_count integer,
	truncated boolean
);
ALTER TYPE mcp_tool.query_result OWNER TO mcp_core;
COMMENT ON TYPE mcp_tool.query_result IS 'Answer of a free query.';
COMMENT ON COLUMN mcp_tool.query_result.columns IS 'Column names in order, duplicates kept.';
COMMENT ON COLUMN mcp_tool.query_result.rows IS 'Rows, each an array of values in the order of the columns.';
COMMENT ON COLUMN mcp_tool.query_result.row_count IS 'Rows given.';
COMMENT ON COLUMN mcp_tool.query_result.truncated IS 'True when there were more rows than max_rows or than an answer holds: aggregate, or narrow.';

CREATE TYPE mcp_tool.table_column AS (
	name text,
	type text,
	nullable boolean,
	description text
);
ALTER TYPE mcp_tool.table_column OWNER TO mcp_core;
COMMENT ON TYPE mcp_tool.table_column IS 'A column of a table.';
COMMENT ON COLUMN mcp_tool.table_column.name IS 'Name.';
COMMENT ON COLUMN mcp_tool.table_column.type IS 'PostgreSQL type.';
COMMENT ON COLUMN mcp_tool.table_column.nullable IS 'Whether it may be null.';
COMMENT ON COLUMN mcp_tool.table_column.description IS 'Meaning and unit.';

CREATE TYPE mcp_tool.table_schema AS (
	table_name text,
	description text,
	columns mcp_tool.table_column[],
	primary_key text[],
	joins text[],
	valid_values jsonb,
	terms mcp_tool.term[]
);
ALTER TYPE mcp_tool.table_schema OWNER TO mcp_core;
COMMENT ON TYPE mcp_tool.table_schema IS 'A table as a query writer needs it.';
COMMENT ON COLUMN mcp_tool.table_schema.table_name IS 'Name with its schema.';
COMMENT ON COLUMN mcp_tool.table_schema.description IS 'What one row is.';
COMMENT ON COLUMN mcp_tool.table_schema.columns IS 'Columns in order.';
COMMENT ON COLUMN mcp_tool.table_schema.primary_key IS 'Columns of the primary key.';
COMMENT ON COLUMN mcp_tool.table_schema.joins IS 'Join conditions along the foreign keys, in both directions.';
COMMENT ON COLUMN mcp_tool.table_schema.valid_values IS 'For some columns, the values that occur.';
COMMENT ON COLUMN mcp_tool.table_schema.terms IS 'Words of people about this table, and a SELECT for each that is known to run.';

CREATE TYPE mcp_tool.table_schemas AS (
	tables mcp_tool.table_schema[],
	unknown_names text[],
	valid_names text[]
);
ALTER TYPE mcp_tool.table_schemas OWNER TO mcp_core;
COMMENT ON TYPE mcp_tool.table_schemas IS 'Answer of mcp_tool.table_schemas.';
COMMENT ON COLUMN mcp_tool.table_schemas.tables IS 'The tables asked for.';
COMMENT ON COLUMN mcp_tool.table_schemas.unknown_names IS 'Names asked for that are no table you may read.';
COMMENT ON COLUMN mcp_tool.table_schemas.valid_names IS 'All tables you may read, when a name was unknown.';

CREATE TYPE mcp_tool.term AS (
	word text,
	meaning text,
	subject text,
	query text
);
ALTER TYPE mcp_tool.term OWNER TO mcp_core;
COMMENT ON TYPE mcp_tool.term IS 'A word of the people who ask, as the hook terms gives it.';
COMMENT ON COLUMN mcp_tool.term.word IS 'The word or words, 1 to 100 characters.';
COMMENT ON COLUMN mcp_tool.term.meaning IS 'What it means here: unit, what counts, what does not.';
COMMENT ON COLUMN mcp_tool.term.subject IS 'The table that free queries read, with its schema, or the tool that has the answer.';
COMMENT ON COLUMN mcp_tool.term.query IS 'A SELECT that answers it, which ran when the catalogue was built; null none.';

CREATE DOMAIN mcp_tool.cursor AS jsonb;
ALTER DOMAIN mcp_tool.cursor OWNER TO mcp_core;
COMMENT ON DOMAIN mcp_tool.cursor IS 'The next_cursor of this tool, asked with the same other arguments.
@schema {"type": "string"}';

CREATE DOMAIN mcp_tool.embedding AS real[];
ALTER DOMAIN mcp_tool.embedding OWNER TO mcp_core;
COMMENT ON DOMAIN mcp_tool.embedding IS 'A vector of 1536 numbers; shorter models are padded with zeros.
@schema {"minItems": 1536, "maxItems": 1536}';

CREATE DOMAIN mcp_tool.idempotency_key AS text
	CONSTRAINT idempotency_key_check CHECK ((VALUE ~ '^[!-~]{1,100}$'::text));
ALTER DOMAIN mcp_tool.idempotency_key OWNER TO mcp_core;
COMMENT ON DOMAIN mcp_tool.idempotency_key IS 'A key of 1 to 100 visible ASCII characters.
@schema {"minLength": 1, "maxLength": 100, "pattern": "^[!-~]*$"}';

CREATE DOMAIN mcp_tool.page_size AS integer
	CONSTRAINT page_size_check CHECK (((VALUE >= 1) AND (VALUE <= 1000)));
ALTER DOMAIN mcp_tool.page_size OWNER TO mcp_core;
COMMENT ON DOMAIN mcp_tool.page_size IS 'A number from 1 to 1000.
@schema {"minimum": 1, "maximum": 1000}';

CREATE DOMAIN mcp_tool.query_text AS text
	CONSTRAINT query_text_check CHECK (((VALUE ~ '\S'::text) AND (octet_length(VALUE) <= 10000)));
ALTER DOMAIN mcp_tool.query_text OWNER TO mcp_core;
COMMENT ON DOMAIN mcp_tool.query_text IS 'One SQL query of at most 10000 bytes.
@schema {"minLength": 1, "maxLength": 10000}';

CREATE DOMAIN mcp_tool.result AS jsonb
	CONSTRAINT result_check CHECK (((jsonb_typeof(VALUE) = 'array'::text) AND (NOT jsonb_path_exists(VALUE, 'strict $[*]?(@.type() != "object")'::jsonpath))));
ALTER DOMAIN mcp_tool.result OWNER TO mcp_core;
COMMENT ON DOMAIN mcp_tool.result IS 'What a tool answers when it says itself what the client gets: an array of content blocks, and of marks that have no "type" (isError, structured, ask, kept). Made by the functions of schema mcp_tool, combined by ||.';

CREATE DOMAIN mcp_tool.row_limit AS integer
	CONSTRAINT row_limit_check CHECK (((VALUE >= 1) AND (VALUE <= 1000)));
ALTER DOMAIN mcp_tool.row_limit OWNER TO mcp_core;
COMMENT ON DOMAIN mcp_tool.row_limit IS 'A number from 1 to 1000.
@schema {"minimum": 1, "maximum": 1000}';

CREATE TABLE mcp_tool.requests (
    scope text NOT NULL,
    idempotency_key mcp_tool.idempotency_key NOT NULL,
    tool text NOT NULL,
    request jsonb NOT NULL,
    result jsonb,
    user_id uuid,
    requested_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE mcp_tool.requests OWNER TO mcp_core;
COMMENT ON TABLE mcp_tool.requests IS 'One row a write that a tool did, by the key its caller gave: a repeated key gets the answer of the first time. Only mcp_tool.claim_key and mcp_tool.keep_result reach it.';
COMMENT ON COLUMN mcp_tool.requests.scope IS 'Whose key it is: an id of the application, such as a tenant.';
COMMENT ON COLUMN mcp_tool.requests.idempotency_key IS 'Key, unique within the scope.';
COMMENT ON COLUMN mcp_tool.requests.tool IS 'Tool that did it.';
COMMENT ON COLUMN mcp_tool.requests.request IS 'What was asked for.';
COMMENT ON COLUMN mcp_tool.requests.result IS 'What was answered; null only while the write runs.';
COMMENT ON COLUMN mcp_tool.requests.user_id IS 'User of the call.';
COMMENT ON COLUMN mcp_tool.requests.requested_at IS 'When.';
ALTER TABLE ONLY mcp_tool.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (scope, idempotency_key);
ALTER TABLE mcp_tool.requests ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION mcp_tool.annotate(result mcp_tool.result, audience text[] DEFAULT NULL::text[], priority numeric DEFAULT NULL::numeric) RETURNS mcp_tool.result
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.annotate(result mcp_tool.result, audience text[], priority numeric) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.annotate(result mcp_tool.result, audience text[], priority numeric) IS 'Set the audience and the priority of each block of a result.';
REVOKE ALL ON FUNCTION mcp_tool.annotate(result mcp_tool.result, audience text[], priority numeric) FROM PUBLIC;

CREATE FUNCTION mcp_tool.answer(key text) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.answer(key text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.answer(key text) IS 'Return the answer to a question of this tool or prompt.';
REVOKE ALL ON FUNCTION mcp_tool.answer(key text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.answer(key text) TO mcp_tools;

CREATE FUNCTION mcp_tool.ask(key text, message text, schema jsonb) RETURNS mcp_tool.result
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.ask(key text, message text, schema jsonb) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.ask(key text, message text, schema jsonb) IS 'Ask the user. Everything the function wrote is undone, and it is called again with the answer in mcp_tool.answer.';
REVOKE ALL ON FUNCTION mcp_tool.ask(key text, message text, schema jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.ask(key text, message text, schema jsonb) TO mcp_core;

CREATE FUNCTION mcp_tool.audio(data bytea, mime text) RETURNS mcp_tool.result
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.audio(data bytea, mime text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.audio(data bytea, mime text) IS 'Return a sound as content of a tool or a prompt.';
REVOKE ALL ON FUNCTION mcp_tool.audio(data bytea, mime text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.base64(data bytea) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.base64(data bytea) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.base64(data bytea) IS 'Bytes as JSON carries them: base64 in one line.';
REVOKE ALL ON FUNCTION mcp_tool.base64(data bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.base64(data bytea) TO mcp_core;

CREATE FUNCTION mcp_tool.claim_key(scope text, idempotency_key mcp_tool.idempotency_key, tool text, request jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.claim_key(scope text, idempotency_key mcp_tool.idempotency_key, tool text, request jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.claim_key(scope text, idempotency_key mcp_tool.idempotency_key, tool text, request jsonb) IS 'Record the start of a write, unless one with its key was done before. Call mcp_tool.keep_result at the end of the write: without a result a repeated key is refused.';
REVOKE ALL ON FUNCTION mcp_tool.claim_key(scope text, idempotency_key mcp_tool.idempotency_key, tool text, request jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.claim_key(scope text, idempotency_key mcp_tool.idempotency_key, tool text, request jsonb) TO mcp_tools;

CREATE FUNCTION mcp_tool.client_supports(capability text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.client_supports(capability text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.client_supports(capability text) IS 'Return whether the client of this call can be asked.';
REVOKE ALL ON FUNCTION mcp_tool.client_supports(capability text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.client_supports(capability text) TO mcp_tools;

CREATE FUNCTION mcp_tool.conflict(message text, hint text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.conflict(message text, hint text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.conflict(message text, hint text) IS 'Raise a CONFLICT: the request contradicts the current state.';
REVOKE ALL ON FUNCTION mcp_tool.conflict(message text, hint text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.divide_rounded(part bigint, whole bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE;
ALTER FUNCTION mcp_tool.divide_rounded(part bigint, whole bigint) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.divide_rounded(part bigint, whole bigint) IS 'Return a quotient rounded to a whole number, a half up. It is several times faster than numeric division.';
REVOKE ALL ON FUNCTION mcp_tool.divide_rounded(part bigint, whole bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.divide_rounded(part bigint, whole bigint) TO mcp_core;

CREATE FUNCTION mcp_tool.embedded_resource(uri text, mime text, text text DEFAULT NULL::text, blob bytea DEFAULT NULL::bytea) RETURNS mcp_tool.result
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.embedded_resource(uri text, mime text, text text, blob bytea) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.embedded_resource(uri text, mime text, text text, blob bytea) IS 'Return a resource with its contents as content of a tool or a prompt.';
REVOKE ALL ON FUNCTION mcp_tool.embedded_resource(uri text, mime text, text text, blob bytea) FROM PUBLIC;

CREATE FUNCTION mcp_tool.embedding_model() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.embedding_model() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.embedding_model() IS 'Name of the model that made the vectors of this call. Compare them only with vectors of the same model.';
REVOKE ALL ON FUNCTION mcp_tool.embedding_model() FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.embedding_model() TO mcp_tools;

CREATE FUNCTION mcp_tool.enum_labels(relation oid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.enum_labels(relation oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.enum_labels(relation oid) IS 'Return the values of the enum columns of a table, of those that mcp_sandbox may read.';
REVOKE ALL ON FUNCTION mcp_tool.enum_labels(relation oid) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.enum_labels(relation oid) TO mcp_tools;

CREATE FUNCTION mcp_tool.fail(text text) RETURNS mcp_tool.result
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.fail(text text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.fail(text text) IS 'Return an expected failure. The client gets the text, marked as an error. What the function wrote is committed.';
REVOKE ALL ON FUNCTION mcp_tool.fail(text text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.format_count(count bigint, noun text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.format_count(count bigint, noun text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.format_count(count bigint, noun text) IS 'Return a number of things for sentences, like 1 order or 1,234 orders.';
REVOKE ALL ON FUNCTION mcp_tool.format_count(count bigint, noun text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.format_count(count bigint, noun text) TO mcp_core;

CREATE FUNCTION mcp_tool.image(data bytea, mime text) RETURNS mcp_tool.result
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.image(data bytea, mime text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.image(data bytea, mime text) IS 'Return an image as content of a tool or a prompt.';
REVOKE ALL ON FUNCTION mcp_tool.image(data bytea, mime text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.invalid(field text, requirement text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.invalid(field text, requirement text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.invalid(field text, requirement text) IS 'Refuse an argument: the client gets a VALIDATION_ERROR that names it.';
REVOKE ALL ON FUNCTION mcp_tool.invalid(field text, requirement text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.invalid(field text, requirement text) TO mcp_core;

CREATE FUNCTION mcp_tool.keep_result(scope text, idempotency_key mcp_tool.idempotency_key, result jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.keep_result(scope text, idempotency_key mcp_tool.idempotency_key, result jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.keep_result(scope text, idempotency_key mcp_tool.idempotency_key, result jsonb) IS 'Store the answer of a write that mcp_tool.claim_key recorded. A repeated key gets it. It is stored once.';
REVOKE ALL ON FUNCTION mcp_tool.keep_result(scope text, idempotency_key mcp_tool.idempotency_key, result jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.keep_result(scope text, idempotency_key mcp_tool.idempotency_key, result jsonb) TO mcp_tools;

CREATE FUNCTION mcp_tool.list_found(name text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.list_found(name text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.list_found(name text) IS 'Have tools/list name a tool that was found, for the rest of the client''s session. The name is sent at once, as a NOTICE that the server hears: it tells the client that the list has changed. A client without a session may call the tool all the same.';
REVOKE ALL ON FUNCTION mcp_tool.list_found(name text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.log(level text, data text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.log(level text, data text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.log(level text, data text) IS 'Send the client a log message while the call runs. Never put secrets or other people''s data into it.';
REVOKE ALL ON FUNCTION mcp_tool.log(level text, data text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.log_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.log_change() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.log_change() IS 'Write a row that was updated or deleted into a change log: who changed it, and the row before and after.';
REVOKE ALL ON FUNCTION mcp_tool.log_change() FROM PUBLIC;

CREATE FUNCTION mcp_tool.log_inserts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.log_inserts() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.log_inserts() IS 'Write the rows that a statement inserted into a change log: who inserted them, and the rows.';
REVOKE ALL ON FUNCTION mcp_tool.log_inserts() FROM PUBLIC;

CREATE FUNCTION mcp_tool.logged_name(relation oid, log_schema text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.logged_name(relation oid, log_schema text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.logged_name(relation oid, log_schema text) IS 'Return the name of a table in a change log; for a partition, that of its table.';
REVOKE ALL ON FUNCTION mcp_tool.logged_name(relation oid, log_schema text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.may_see_rows(relation oid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.may_see_rows(relation oid) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.may_see_rows(relation oid) IS 'Return whether row-level security lets the caller see any row of a table that mcp_sandbox may read: some policy asks nothing of the caller that is null, false or an empty array, or leaves a choice by OR. Whether there are rows is not checked.';
REVOKE ALL ON FUNCTION mcp_tool.may_see_rows(relation oid) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.may_see_rows(relation oid) TO mcp_tools;

CREATE FUNCTION mcp_tool.message(role text, content mcp_tool.result) RETURNS SETOF mcp_tool.prompt_message
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.message(role text, content mcp_tool.result) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.message(role text, content mcp_tool.result) IS 'Return messages of a prompt, one per block of content.';
REVOKE ALL ON FUNCTION mcp_tool.message(role text, content mcp_tool.result) FROM PUBLIC;

CREATE FUNCTION mcp_tool.nearest_table(name text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.nearest_table(name text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.nearest_table(name text) IS 'Find the table whose name is most like a name that does not exist, of those that a query of the caller may read.';
REVOKE ALL ON FUNCTION mcp_tool.nearest_table(name text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.nearest_table(name text) TO mcp_sandbox;

CREATE FUNCTION mcp_tool.not_allowed(hint text DEFAULT ''::text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.not_allowed(hint text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.not_allowed(hint text) IS 'Raise an AUTHORIZATION_ERROR that does not reveal what exists.';
REVOKE ALL ON FUNCTION mcp_tool.not_allowed(hint text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.not_found(message text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.not_found(message text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.not_found(message text) IS 'Raise a NOT_FOUND: something that the caller could see does not exist.';
REVOKE ALL ON FUNCTION mcp_tool.not_found(message text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.notify_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.notify_change() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.notify_change() IS 'Notify the servers at the commit that tables have changed, so that they empty their caches.';
REVOKE ALL ON FUNCTION mcp_tool.notify_change() FROM PUBLIC;

CREATE FUNCTION mcp_tool.percent(part numeric, whole numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.percent(part numeric, whole numeric) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.percent(part numeric, whole numeric) IS 'Return a part in percent of the whole, rounded to one decimal.';
REVOKE ALL ON FUNCTION mcp_tool.percent(part numeric, whole numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.percent(part numeric, whole numeric) TO mcp_core;

CREATE FUNCTION mcp_tool.progress(done double precision, total double precision DEFAULT NULL::double precision, message text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.progress(done double precision, total double precision, message text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.progress(done double precision, total double precision, message text) IS 'Send the client the progress of a long call. It is sent at once, as a NOTICE that the server forwards.';
REVOKE ALL ON FUNCTION mcp_tool.progress(done double precision, total double precision, message text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.resource_changed(uri text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.resource_changed(uri text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.resource_changed(uri text) IS 'Notify the subscribers of a resource, at the commit, that it has changed.';
REVOKE ALL ON FUNCTION mcp_tool.resource_changed(uri text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.resource_changed(uri text) TO mcp_tools;

CREATE FUNCTION mcp_tool.resource_link(uri text, name text, title text DEFAULT NULL::text, description text DEFAULT NULL::text, mime text DEFAULT NULL::text) RETURNS mcp_tool.result
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.resource_link(uri text, name text, title text, description text, mime text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.resource_link(uri text, name text, title text, description text, mime text) IS 'Return a link to a resource that the client may read as content of a tool or a prompt.';
REVOKE ALL ON FUNCTION mcp_tool.resource_link(uri text, name text, title text, description text, mime text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.results(VARIADIC results mcp_tool.result[]) RETURNS mcp_tool.result
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.results(VARIADIC results mcp_tool.result[]) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.results(VARIADIC results mcp_tool.result[]) IS 'Several results as one, in their order; of two the same as ||.';
REVOKE ALL ON FUNCTION mcp_tool.results(VARIADIC results mcp_tool.result[]) FROM PUBLIC;

CREATE FUNCTION mcp_tool.roots(key text) RETURNS mcp_tool.result
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.roots(key text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.roots(key text) IS 'Ask the client which folders it works in. Everything the function wrote is undone, and it is called again.';
REVOKE ALL ON FUNCTION mcp_tool.roots(key text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.run_query(query mcp_tool.query_text, max_rows mcp_tool.row_limit, argument text DEFAULT 'query'::text) RETURNS mcp_tool.query_result
    LANGUAGE plpgsql STABLE
    SET cursor_tuple_fraction TO '1.0';
ALTER FUNCTION mcp_tool.run_query(query mcp_tool.query_text, max_rows mcp_tool.row_limit, argument text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.run_query(query mcp_tool.query_text, max_rows mcp_tool.row_limit, argument text) IS 'Run one read-only SELECT of a caller. For tools tagged sandbox, owned by mcp_sandbox, whose search_path begins with mcp_sandbox: that schema has replacements for built-ins that could fill the memory.';
REVOKE ALL ON FUNCTION mcp_tool.run_query(query mcp_tool.query_text, max_rows mcp_tool.row_limit, argument text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.run_query(query mcp_tool.query_text, max_rows mcp_tool.row_limit, argument text) TO mcp_sandbox;

CREATE FUNCTION mcp_tool.sample(key text, prompt text, max_tokens integer DEFAULT 1000, system_prompt text DEFAULT NULL::text) RETURNS mcp_tool.result
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.sample(key text, prompt text, max_tokens integer, system_prompt text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.sample(key text, prompt text, max_tokens integer, system_prompt text) IS 'Ask the client''s model. Everything the function wrote is undone, and it is called again with the answer in mcp_tool.answer.';
REVOKE ALL ON FUNCTION mcp_tool.sample(key text, prompt text, max_tokens integer, system_prompt text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.save_state(state jsonb) RETURNS mcp_tool.result
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.save_state(state jsonb) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.save_state(state jsonb) IS 'Save a value for the next round. Earlier answers are saved anyway.';
REVOKE ALL ON FUNCTION mcp_tool.save_state(state jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_tool.saved_state() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.saved_state() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.saved_state() IS 'Return the value that mcp_tool.save_state saved.';
REVOKE ALL ON FUNCTION mcp_tool.saved_state() FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.saved_state() TO mcp_tools;

CREATE FUNCTION mcp_tool.search_tools(query text, max_results integer DEFAULT 5, embedding mcp_tool.embedding DEFAULT NULL::real[]) RETURNS TABLE(name text, title text, score double precision, definition jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.search_tools(query text, max_results integer, embedding mcp_tool.embedding) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.search_tools(query text, max_results integer, embedding mcp_tool.embedding) IS 'Find tools of the caller by a question: by its words, BM25 over names, titles, descriptions and examples, and by its meaning, the cosine of its vector and the mean of the vectors of what a tool''s description says.';
REVOKE ALL ON FUNCTION mcp_tool.search_tools(query text, max_results integer, embedding mcp_tool.embedding) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.search_tools(query text, max_results integer, embedding mcp_tool.embedding) TO mcp_tools;

CREATE FUNCTION mcp_tool.structured(value jsonb) RETURNS mcp_tool.result
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.structured(value jsonb) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.structured(value jsonb) IS 'Return the structured data of a result, beside its content.';
REVOKE ALL ON FUNCTION mcp_tool.structured(value jsonb) FROM PUBLIC;

CREATE FUNCTION mcp_tool.table_schemas(schema name, table_names text[] DEFAULT NULL::text[], valid_values jsonb DEFAULT '{}'::jsonb) RETURNS mcp_tool.table_schemas
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.table_schemas(schema name, table_names text[], valid_values jsonb) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.table_schemas(schema name, table_names text[], valid_values jsonb) IS 'Describe the tables of a schema that mcp_sandbox may read, for the caller who writes a query: columns, keys, joins, valid values and the words of the vocabulary about them, as far as mcp_sandbox may read the columns. Tables of which the caller may see no row by the policies are omitted.';
REVOKE ALL ON FUNCTION mcp_tool.table_schemas(schema name, table_names text[], valid_values jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.table_schemas(schema name, table_names text[], valid_values jsonb) TO mcp_tools;

CREATE FUNCTION mcp_tool.take_query(query text, argument text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.take_query(query text, argument text) OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.take_query(query text, argument text) IS 'Note the query of a tool whose whole result is exported; mcp_tool.run_query then reads nothing.';
REVOKE ALL ON FUNCTION mcp_tool.take_query(query text, argument text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.take_query(query text, argument text) TO mcp_sandbox;

CREATE FUNCTION mcp_tool.text(text text) RETURNS mcp_tool.result
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.text(text text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.text(text text) IS 'Return a text as content of a tool or a prompt.';
REVOKE ALL ON FUNCTION mcp_tool.text(text text) FROM PUBLIC;

CREATE FUNCTION mcp_tool.uri_part(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION mcp_tool.uri_part(value text) OWNER TO mcp_tools;
COMMENT ON FUNCTION mcp_tool.uri_part(value text) IS 'Encode a value for one place of a resource''s address, by RFC 3986: a space becomes %20. The core decodes it when the resource is read.';
REVOKE ALL ON FUNCTION mcp_tool.uri_part(value text) FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.uri_part(value text) TO mcp_core;

CREATE FUNCTION mcp_tool.uuidv7() RETURNS uuid
    LANGUAGE sql PARALLEL SAFE;
ALTER FUNCTION mcp_tool.uuidv7() OWNER TO mcp_core;
COMMENT ON FUNCTION mcp_tool.uuidv7() IS 'Return a new UUID of version 7 (RFC 9562), which sorts by the time at which it was made. PostgreSQL has its own from version 18 on; this one runs on 16 and 17 too.';
REVOKE ALL ON FUNCTION mcp_tool.uuidv7() FROM PUBLIC;
GRANT ALL ON FUNCTION mcp_tool.uuidv7() TO mcp_tools;

CREATE SCHEMA retail;
ALTER SCHEMA retail OWNER TO postgres;
COMMENT ON SCHEMA retail IS 'Zava Retail: the tables, their row-level security, and the functions that policies and tools share.';
GRANT ALL ON SCHEMA retail TO zava_owner;
GRANT USAGE ON SCHEMA retail TO mcp_core, mcp_tools, mcp_sandbox;

CREATE TYPE retail.adjusted_stock AS (
	store_id uuid,
	sku text,
	name text,
	previous_stock_level integer,
	stock_level integer,
	is_dry_run boolean,
	is_repeat boolean
);
ALTER TYPE retail.adjusted_stock OWNER TO postgres;
COMMENT ON TYPE retail.adjusted_stock IS 'Answer of adjust_inventory.';
COMMENT ON COLUMN retail.adjusted_stock.store_id IS 'Store.';
COMMENT ON COLUMN retail.adjusted_stock.sku IS 'Stock keeping unit.';
COMMENT ON COLUMN retail.adjusted_stock.name IS 'Product.';
COMMENT ON COLUMN retail.adjusted_stock.previous_stock_level IS 'Units before; null when the store did not carry the product.';
COMMENT ON COLUMN retail.adjusted_stock.stock_level IS 'Units after.';
COMMENT ON COLUMN retail.adjusted_stock.is_dry_run IS 'True when nothing was changed, as asked.';
COMMENT ON COLUMN retail.adjusted_stock.is_repeat IS 'True when the key was used before: this is the answer given then, and nothing was changed now.';

CREATE TYPE retail.analysis_type AS ENUM (
    'summary',
    'customer_segmentation',
    'product_performance',
    'seasonal_trends'
);
ALTER TYPE retail.analysis_type OWNER TO postgres;
COMMENT ON TYPE retail.analysis_type IS 'What generate_business_insights speaks about.';

CREATE TYPE retail.business_insights AS (
	analysis_type retail.analysis_type,
	from_date date,
	to_date date,
	insights retail.insight[]
);
ALTER TYPE retail.business_insights OWNER TO postgres;
COMMENT ON TYPE retail.business_insights IS 'Answer of generate_business_insights.';
COMMENT ON COLUMN retail.business_insights.analysis_type IS 'What was asked for.';
COMMENT ON COLUMN retail.business_insights.from_date IS 'First day.';
COMMENT ON COLUMN retail.business_insights.to_date IS 'Last day, inclusive.';
COMMENT ON COLUMN retail.business_insights.insights IS 'The most important first.';

CREATE TYPE retail.change_operation AS ENUM (
    'insert',
    'update',
    'delete'
);
ALTER TYPE retail.change_operation OWNER TO postgres;
COMMENT ON TYPE retail.change_operation IS 'What happened to a row.';

CREATE TYPE retail.customer_analysis AS (
	from_date date,
	to_date date,
	customers bigint,
	new_customers bigint,
	returning_customers bigint,
	repeat_customers bigint,
	orders bigint,
	revenue numeric,
	new_revenue numeric,
	returning_revenue numeric,
	revenue_per_customer numeric,
	orders_per_customer numeric,
	segments retail.segment_summary[]
);
ALTER TYPE retail.customer_analysis OWNER TO postgres;
COMMENT ON TYPE retail.customer_analysis IS 'Answer of get_customer_analysis.';
COMMENT ON COLUMN retail.customer_analysis.from_date IS 'First day.';
COMMENT ON COLUMN retail.customer_analysis.to_date IS 'Last day, inclusive.';
COMMENT ON COLUMN retail.customer_analysis.customers IS 'Different customers who bought.';
COMMENT ON COLUMN retail.customer_analysis.new_customers IS 'Of them, those whose first order ever lies in the period.';
COMMENT ON COLUMN retail.customer_analysis.returning_customers IS 'Of them, those who had bought before it.';
COMMENT ON COLUMN retail.customer_analysis.repeat_customers IS 'Of them, those with more than one order in the period.';
COMMENT ON COLUMN retail.customer_analysis.orders IS 'Orders.';
COMMENT ON COLUMN retail.customer_analysis.revenue IS 'Sales net of discounts.';
COMMENT ON COLUMN retail.customer_analysis.new_revenue IS 'Revenue from the new customers.';
COMMENT ON COLUMN retail.customer_analysis.returning_revenue IS 'Revenue from the returning customers.';
COMMENT ON COLUMN retail.customer_analysis.revenue_per_customer IS 'Null without customers.';
COMMENT ON COLUMN retail.customer_analysis.orders_per_customer IS 'Null without customers.';
COMMENT ON COLUMN retail.customer_analysis.segments IS 'Every segment, also the empty ones.';

CREATE TYPE retail.customer_contact AS (
	customer_id uuid,
	name text,
	email text,
	phone text,
	segment retail.customer_segment,
	is_new boolean,
	orders bigint,
	revenue numeric,
	last_order_date date
);
ALTER TYPE retail.customer_contact OWNER TO postgres;
COMMENT ON TYPE retail.customer_contact IS 'A customer who bought in a period, by name.';
COMMENT ON COLUMN retail.customer_contact.customer_id IS 'Key within the store.';
COMMENT ON COLUMN retail.customer_contact.name IS 'First and last name.';
COMMENT ON COLUMN retail.customer_contact.email IS 'E-mail address.';
COMMENT ON COLUMN retail.customer_contact.phone IS 'Telephone number.';
COMMENT ON COLUMN retail.customer_contact.segment IS 'By the orders in the period.';
COMMENT ON COLUMN retail.customer_contact.is_new IS 'Whether the first order ever lies in the period.';
COMMENT ON COLUMN retail.customer_contact.orders IS 'Orders in the period.';
COMMENT ON COLUMN retail.customer_contact.revenue IS 'Revenue from them.';
COMMENT ON COLUMN retail.customer_contact.last_order_date IS 'The last one''s business day.';

CREATE TYPE retail.customer_segment AS ENUM (
    'champions',
    'loyal',
    'promising',
    'at_risk',
    'lapsed'
);
ALTER TYPE retail.customer_segment OWNER TO postgres;
COMMENT ON TYPE retail.customer_segment IS 'By recency, frequency and money of the orders in a period. champions: recent, much. loyal: recent, more than a little. promising: recent, little. at_risk: not recent, more than a little. lapsed: not recent, little.';

CREATE TYPE retail.granularity AS ENUM (
    'day',
    'week',
    'month'
);
ALTER TYPE retail.granularity OWNER TO postgres;
COMMENT ON TYPE retail.granularity IS 'How long each step of a trend is; a week begins on Monday.';

CREATE TYPE retail.index_method AS ENUM (
    'exact',
    'ivfflat'
);
ALTER TYPE retail.index_method OWNER TO postgres;
COMMENT ON TYPE retail.index_method IS 'How the nearest vectors are found. exact: all are compared. ivfflat: those in the nearest lists.';

CREATE TYPE retail.insight AS (
	sentence text,
	figures jsonb
);
ALTER TYPE retail.insight OWNER TO postgres;
COMMENT ON TYPE retail.insight IS 'A sentence and what it rests on.';
COMMENT ON COLUMN retail.insight.sentence IS 'For people.';
COMMENT ON COLUMN retail.insight.figures IS 'The numbers in it by name; amounts in US dollars.';

CREATE TYPE retail.order_status AS ENUM (
    'pending',
    'completed'
);
ALTER TYPE retail.order_status OWNER TO postgres;
COMMENT ON TYPE retail.order_status IS 'pending: paid, not yet delivered. completed: delivered. Both are sales.';

CREATE TYPE retail.product_companion AS (
	product_id uuid,
	sku text,
	name text,
	category text,
	price numeric,
	orders_together bigint,
	share_percent numeric
);
ALTER TYPE retail.product_companion OWNER TO postgres;
COMMENT ON TYPE retail.product_companion IS 'A product that is bought together with another.';
COMMENT ON COLUMN retail.product_companion.product_id IS 'Product.';
COMMENT ON COLUMN retail.product_companion.sku IS 'Stock keeping unit, what people quote.';
COMMENT ON COLUMN retail.product_companion.name IS 'Name.';
COMMENT ON COLUMN retail.product_companion.category IS 'Category.';
COMMENT ON COLUMN retail.product_companion.price IS 'List price in US dollars.';
COMMENT ON COLUMN retail.product_companion.orders_together IS 'Orders that have both.';
COMMENT ON COLUMN retail.product_companion.share_percent IS 'Of the orders with the product asked about, how many percent have this one too.';

CREATE TYPE retail.product_filter AS (
	category_id uuid,
	price_min numeric,
	price_max numeric,
	in_stock_only boolean,
	without_ids uuid[]
);
ALTER TYPE retail.product_filter OWNER TO postgres;
COMMENT ON TYPE retail.product_filter IS 'Which products may be found; null asks nothing.';
COMMENT ON COLUMN retail.product_filter.category_id IS 'Products of this category.';
COMMENT ON COLUMN retail.product_filter.price_min IS 'List price of at least this.';
COMMENT ON COLUMN retail.product_filter.price_max IS 'List price of at the most this.';
COMMENT ON COLUMN retail.product_filter.in_stock_only IS 'Products that a store which the caller may see has in stock.';
COMMENT ON COLUMN retail.product_filter.without_ids IS 'Products that are no answer.';

CREATE TYPE retail.product_match AS (
	product_id uuid,
	sku text,
	name text,
	category text,
	description text,
	price numeric,
	similarity double precision,
	total_stock bigint,
	stock retail.store_stock[]
);
ALTER TYPE retail.product_match OWNER TO postgres;
COMMENT ON TYPE retail.product_match IS 'A product found by search.';
COMMENT ON COLUMN retail.product_match.product_id IS 'Product.';
COMMENT ON COLUMN retail.product_match.sku IS 'Stock keeping unit, what people quote.';
COMMENT ON COLUMN retail.product_match.name IS 'Name.';
COMMENT ON COLUMN retail.product_match.category IS 'Category.';
COMMENT ON COLUMN retail.product_match.description IS 'Description.';
COMMENT ON COLUMN retail.product_match.price IS 'List price in US dollars.';
COMMENT ON COLUMN retail.product_match.similarity IS 'Cosine similarity to what was searched, 1 is equal; null where no vectors could be compared.';
COMMENT ON COLUMN retail.product_match.total_stock IS 'Units in the stores you may see.';
COMMENT ON COLUMN retail.product_match.stock IS 'Units by store, for the stores you may see that have any.';

CREATE TYPE retail.product_ranking AS ENUM (
    'revenue',
    'units'
);
ALTER TYPE retail.product_ranking OWNER TO postgres;
COMMENT ON TYPE retail.product_ranking IS 'What makes a product a top one.';

CREATE TYPE retail.product_search AS (
	mode retail.search_mode,
	rows retail.product_match[],
	row_count integer
);
ALTER TYPE retail.product_search OWNER TO postgres;
COMMENT ON TYPE retail.product_search IS 'Answer of a product search.';
COMMENT ON COLUMN retail.product_search.mode IS 'hybrid: by meaning and by words. vector: by meaning, since no product has words of the query. text: by words, since no embedding was at hand.';
COMMENT ON COLUMN retail.product_search.rows IS 'Products, best first.';
COMMENT ON COLUMN retail.product_search.row_count IS 'Products given.';

CREATE TYPE retail.recorded_line AS (
	line_number integer,
	sku text,
	name text,
	quantity integer,
	unit_price numeric,
	discount_amount numeric,
	line_amount numeric,
	stock_level integer
);
ALTER TYPE retail.recorded_line OWNER TO postgres;
COMMENT ON TYPE retail.recorded_line IS 'A line of a recorded sale. Amounts in US dollars.';
COMMENT ON COLUMN retail.recorded_line.line_number IS 'Number within the order, from 1.';
COMMENT ON COLUMN retail.recorded_line.sku IS 'Stock keeping unit.';
COMMENT ON COLUMN retail.recorded_line.name IS 'Product.';
COMMENT ON COLUMN retail.recorded_line.quantity IS 'Units.';
COMMENT ON COLUMN retail.recorded_line.unit_price IS 'Price of a unit before the discount.';
COMMENT ON COLUMN retail.recorded_line.discount_amount IS 'Discount on the whole line.';
COMMENT ON COLUMN retail.recorded_line.line_amount IS 'quantity * unit_price - discount_amount.';
COMMENT ON COLUMN retail.recorded_line.stock_level IS 'Units of the product that the store has left after the sale.';

CREATE TYPE retail.recorded_return AS (
	order_id uuid,
	store_id uuid,
	refund_amount numeric,
	total_amount numeric,
	lines retail.returned_line[],
	is_dry_run boolean,
	is_repeat boolean
);
ALTER TYPE retail.recorded_return OWNER TO postgres;
COMMENT ON TYPE retail.recorded_return IS 'Answer of record_return.';
COMMENT ON COLUMN retail.recorded_return.order_id IS 'Order.';
COMMENT ON COLUMN retail.recorded_return.store_id IS 'Store.';
COMMENT ON COLUMN retail.recorded_return.refund_amount IS 'To be paid back, in US dollars.';
COMMENT ON COLUMN retail.recorded_return.total_amount IS 'What is left of the order, in US dollars.';
COMMENT ON COLUMN retail.recorded_return.lines IS 'What came back, in the order it was given.';
COMMENT ON COLUMN retail.recorded_return.is_dry_run IS 'True when nothing was changed, as asked.';
COMMENT ON COLUMN retail.recorded_return.is_repeat IS 'True when the key was used before: this is the answer given then, and nothing was changed now.';

CREATE TYPE retail.recorded_sale AS (
	order_id uuid,
	store_id uuid,
	order_date date,
	total_amount numeric,
	lines retail.recorded_line[],
	is_dry_run boolean,
	is_repeat boolean
);
ALTER TYPE retail.recorded_sale OWNER TO postgres;
COMMENT ON TYPE retail.recorded_sale IS 'Answer of record_sale.';
COMMENT ON COLUMN retail.recorded_sale.order_id IS 'Order; null in a dry run.';
COMMENT ON COLUMN retail.recorded_sale.store_id IS 'Store.';
COMMENT ON COLUMN retail.recorded_sale.order_date IS 'Business day of the store.';
COMMENT ON COLUMN retail.recorded_sale.total_amount IS 'Sum of the lines in US dollars.';
COMMENT ON COLUMN retail.recorded_sale.lines IS 'Lines in the order they were given.';
COMMENT ON COLUMN retail.recorded_sale.is_dry_run IS 'True when nothing was changed, as asked.';
COMMENT ON COLUMN retail.recorded_sale.is_repeat IS 'True when the key was used before: this is the answer given then, and nothing was changed now.';

CREATE TYPE retail.report_period AS (
	spans retail.store_span[],
	previous_spans retail.store_span[],
	from_date date,
	to_date date,
	today date
);
ALTER TYPE retail.report_period OWNER TO postgres;
COMMENT ON TYPE retail.report_period IS 'The stores and days of a report.';
COMMENT ON COLUMN retail.report_period.spans IS 'Each store with its days, both ends inclusive.';
COMMENT ON COLUMN retail.report_period.previous_spans IS 'As many days just before; null for all_time.';
COMMENT ON COLUMN retail.report_period.from_date IS 'First day of all; null for all_time without a sale.';
COMMENT ON COLUMN retail.report_period.to_date IS 'Last day of all.';
COMMENT ON COLUMN retail.report_period.today IS 'The day that is running in all these stores, or the earlier one.';

CREATE TYPE retail.return_line AS (
	line_number retail.line_number,
	quantity retail.quantity
);
ALTER TYPE retail.return_line OWNER TO postgres;
COMMENT ON TYPE retail.return_line IS 'What comes back of a line of an order.';
COMMENT ON COLUMN retail.return_line.line_number IS 'Number of the line within the order.';
COMMENT ON COLUMN retail.return_line.quantity IS 'Units that come back.';

CREATE TYPE retail.returned_line AS (
	line_number integer,
	sku text,
	name text,
	quantity integer,
	refund_amount numeric,
	quantity_left integer,
	stock_level integer
);
ALTER TYPE retail.returned_line OWNER TO postgres;
COMMENT ON TYPE retail.returned_line IS 'What came back of a line.';
COMMENT ON COLUMN retail.returned_line.line_number IS 'Number within the order.';
COMMENT ON COLUMN retail.returned_line.sku IS 'Stock keeping unit.';
COMMENT ON COLUMN retail.returned_line.name IS 'Product.';
COMMENT ON COLUMN retail.returned_line.quantity IS 'Units that came back.';
COMMENT ON COLUMN retail.returned_line.refund_amount IS 'What they had cost net of their part of the discount, in US dollars.';
COMMENT ON COLUMN retail.returned_line.quantity_left IS 'Units of the line that stay sold.';
COMMENT ON COLUMN retail.returned_line.stock_level IS 'Units of the product that the store has after the return.';

CREATE TYPE retail.sale_line AS (
	sku retail.sku,
	quantity retail.quantity,
	unit_price retail.amount,
	discount_amount retail.amount
);
ALTER TYPE retail.sale_line OWNER TO postgres;
COMMENT ON TYPE retail.sale_line IS 'A line of a sale to record.';
COMMENT ON COLUMN retail.sale_line.sku IS 'Stock keeping unit of the product.';
COMMENT ON COLUMN retail.sale_line.quantity IS 'Units.';
COMMENT ON COLUMN retail.sale_line.unit_price IS 'Price of a unit before the discount, in US dollars; the list price when left out.';
COMMENT ON COLUMN retail.sale_line.discount_amount IS 'Discount on the whole line, in US dollars; none when left out.';

CREATE TYPE retail.search_mode AS ENUM (
    'hybrid',
    'vector',
    'text'
);
ALTER TYPE retail.search_mode OWNER TO postgres;
COMMENT ON TYPE retail.search_mode IS 'How products were found: by the meaning of the query (vector), by its words (text) or by both.';

CREATE TYPE retail.segment_summary AS (
	segment retail.customer_segment,
	customers bigint,
	customers_percent numeric,
	orders bigint,
	revenue numeric,
	revenue_percent numeric
);
ALTER TYPE retail.segment_summary OWNER TO postgres;
COMMENT ON TYPE retail.segment_summary IS 'The customers of a segment together.';
COMMENT ON COLUMN retail.segment_summary.segment IS 'Segment.';
COMMENT ON COLUMN retail.segment_summary.customers IS 'How many.';
COMMENT ON COLUMN retail.segment_summary.customers_percent IS 'Of all who bought.';
COMMENT ON COLUMN retail.segment_summary.orders IS 'Their orders.';
COMMENT ON COLUMN retail.segment_summary.revenue IS 'Their revenue.';
COMMENT ON COLUMN retail.segment_summary.revenue_percent IS 'Of all revenue.';

CREATE TYPE retail.stock_status AS ENUM (
    'out_of_stock',
    'low',
    'enough'
);
ALTER TYPE retail.stock_status OWNER TO postgres;
COMMENT ON TYPE retail.stock_status IS 'out_of_stock: none left. low: at or below the threshold. enough: more.';

CREATE TYPE retail.store_metrics AS (
	revenue numeric,
	orders bigint,
	average_order_value numeric,
	units bigint,
	customers bigint,
	previous_revenue numeric,
	revenue_change_percent numeric,
	best_day date,
	best_day_revenue numeric,
	top_category text,
	top_category_revenue numeric,
	margin numeric,
	margin_percent numeric
);
ALTER TYPE retail.store_metrics OWNER TO postgres;
COMMENT ON TYPE retail.store_metrics IS 'Figures of a store over a period. Amounts in US dollars.';
COMMENT ON COLUMN retail.store_metrics.revenue IS 'Sales net of discounts.';
COMMENT ON COLUMN retail.store_metrics.orders IS 'Orders.';
COMMENT ON COLUMN retail.store_metrics.average_order_value IS 'Revenue an order; null without orders.';
COMMENT ON COLUMN retail.store_metrics.units IS 'Units sold.';
COMMENT ON COLUMN retail.store_metrics.customers IS 'Different customers who bought.';
COMMENT ON COLUMN retail.store_metrics.previous_revenue IS 'Revenue of the period of the same length before; null for all_time.';
COMMENT ON COLUMN retail.store_metrics.revenue_change_percent IS 'Change against it in percent; null when that was 0.';
COMMENT ON COLUMN retail.store_metrics.best_day IS 'Day with the highest revenue.';
COMMENT ON COLUMN retail.store_metrics.best_day_revenue IS 'Its revenue.';
COMMENT ON COLUMN retail.store_metrics.top_category IS 'Category with the highest revenue.';
COMMENT ON COLUMN retail.store_metrics.top_category_revenue IS 'Its revenue.';
COMMENT ON COLUMN retail.store_metrics.margin IS 'Revenue less cost; head office alone, null for others.';
COMMENT ON COLUMN retail.store_metrics.margin_percent IS 'Margin in percent of revenue; head office alone, null for others.';

CREATE TYPE retail.store_performance AS (
	store_id uuid,
	store_name text,
	time_period retail.time_period,
	from_date date,
	to_date date,
	metrics retail.store_metrics,
	insights text[]
);
ALTER TYPE retail.store_performance OWNER TO postgres;
COMMENT ON TYPE retail.store_performance IS 'Answer of get_store_performance.';
COMMENT ON COLUMN retail.store_performance.store_id IS 'Store; null for all the stores you may see together.';
COMMENT ON COLUMN retail.store_performance.store_name IS 'Its name.';
COMMENT ON COLUMN retail.store_performance.time_period IS 'Period asked for.';
COMMENT ON COLUMN retail.store_performance.from_date IS 'First day.';
COMMENT ON COLUMN retail.store_performance.to_date IS 'Last day, inclusive.';
COMMENT ON COLUMN retail.store_performance.metrics IS 'Figures.';
COMMENT ON COLUMN retail.store_performance.insights IS 'Sentences made from the figures.';

CREATE TYPE retail.store_span AS (
	store_id uuid,
	from_date date,
	to_date date
);
ALTER TYPE retail.store_span OWNER TO postgres;
COMMENT ON TYPE retail.store_span IS 'A store and a span of its business days.';
COMMENT ON COLUMN retail.store_span.store_id IS 'Store.';
COMMENT ON COLUMN retail.store_span.from_date IS 'First day.';
COMMENT ON COLUMN retail.store_span.to_date IS 'Last day, inclusive.';

CREATE TYPE retail.store_stock AS (
	store_id uuid,
	store_name text,
	stock_level integer
);
ALTER TYPE retail.store_stock OWNER TO postgres;
COMMENT ON TYPE retail.store_stock IS 'Stock of a product in a store.';
COMMENT ON COLUMN retail.store_stock.store_id IS 'Store.';
COMMENT ON COLUMN retail.store_stock.store_name IS 'Its name.';
COMMENT ON COLUMN retail.store_stock.stock_level IS 'Units in stock.';

CREATE TYPE retail.time_period AS ENUM (
    'today',
    'yesterday',
    'last_7_days',
    'last_30_days',
    'last_90_days',
    'last_12_months',
    'this_month',
    'last_month',
    'this_quarter',
    'last_quarter',
    'this_year',
    'last_year',
    'all_time'
);
ALTER TYPE retail.time_period OWNER TO postgres;
COMMENT ON TYPE retail.time_period IS 'A span of business days ending today or before, each a day in the store''s own time zone.';

CREATE DOMAIN retail.amount AS numeric
	CONSTRAINT amount_check CHECK ((((VALUE >= (0)::numeric) AND (VALUE <= 9999999.99)) AND (VALUE = round(VALUE, 2))));
ALTER DOMAIN retail.amount OWNER TO postgres;
COMMENT ON DOMAIN retail.amount IS 'An amount from 0 to 9999999.99 with at most two decimals.
@schema {"minimum": 0, "maximum": 9999999.99}';

CREATE DOMAIN retail.business_day AS date
	CONSTRAINT business_day_check CHECK (((VALUE >= '2000-01-01'::date) AND (VALUE <= '2099-12-31'::date)));
ALTER DOMAIN retail.business_day OWNER TO postgres;
COMMENT ON DOMAIN retail.business_day IS 'A date from 2000-01-01 to 2099-12-31, YYYY-MM-DD.';

CREATE DOMAIN retail.day_count AS integer
	CONSTRAINT day_count_check CHECK (((VALUE >= 1) AND (VALUE <= 365)));
ALTER DOMAIN retail.day_count OWNER TO postgres;
COMMENT ON DOMAIN retail.day_count IS 'A number of days from 1 to 365.
@schema {"minimum": 1, "maximum": 365}';

CREATE DOMAIN retail.email AS text
	CONSTRAINT email_check CHECK (((VALUE ~ '^[^@\s]+@[^@\s]+\.[^@\s]+$'::text) AND (length(VALUE) <= 254)));
ALTER DOMAIN retail.email OWNER TO postgres;
COMMENT ON DOMAIN retail.email IS 'An e-mail address of at most 254 characters.';

CREATE DOMAIN retail.embedding AS ext.vector(1536);
ALTER DOMAIN retail.embedding OWNER TO postgres;
COMMENT ON DOMAIN retail.embedding IS 'A vector of 1536 numbers; shorter models are padded with zeros.';

CREATE DOMAIN retail.label AS text
	CONSTRAINT label_check CHECK (((VALUE = btrim(VALUE)) AND ((length(VALUE) >= 1) AND (length(VALUE) <= 200))));
ALTER DOMAIN retail.label OWNER TO postgres;
COMMENT ON DOMAIN retail.label IS 'A name of 1 to 200 characters without blanks around it.';

CREATE DOMAIN retail.line_number AS integer NOT NULL
	CONSTRAINT line_number_check CHECK (((VALUE >= 1) AND (VALUE <= 32767)));
ALTER DOMAIN retail.line_number OWNER TO postgres;
COMMENT ON DOMAIN retail.line_number IS 'A whole number from 1 to 32767.
@schema {"minimum": 1, "maximum": 32767}';

CREATE DOMAIN retail.piece_count AS integer
	CONSTRAINT piece_count_check CHECK (((VALUE >= 0) AND (VALUE <= 1000000)));
ALTER DOMAIN retail.piece_count OWNER TO postgres;
COMMENT ON DOMAIN retail.piece_count IS 'A number of units from 0 to 1000000.
@schema {"minimum": 0, "maximum": 1000000}';

CREATE DOMAIN retail.price AS numeric
	CONSTRAINT price_check CHECK (((VALUE >= (0)::numeric) AND (VALUE <= 9999999999.99)));
ALTER DOMAIN retail.price OWNER TO postgres;
COMMENT ON DOMAIN retail.price IS 'A price in US dollars, 0 or more.
@schema {"minimum": 0, "maximum": 9999999999.99}';

CREATE DOMAIN retail.quantity AS integer NOT NULL
	CONSTRAINT quantity_check CHECK (((VALUE >= 1) AND (VALUE <= 10000)));
ALTER DOMAIN retail.quantity OWNER TO postgres;
COMMENT ON DOMAIN retail.quantity IS 'A whole number from 1 to 10000.
@schema {"minimum": 1, "maximum": 10000}';

CREATE DOMAIN retail.reason AS text
	CONSTRAINT reason_check CHECK (((VALUE = btrim(VALUE)) AND ((length(VALUE) >= 3) AND (length(VALUE) <= 200))));
ALTER DOMAIN retail.reason OWNER TO postgres;
COMMENT ON DOMAIN retail.reason IS 'A reason of 3 to 200 characters without blanks around it.
@schema {"minLength": 3, "maxLength": 200}';

CREATE DOMAIN retail.result_limit AS integer
	CONSTRAINT result_limit_check CHECK (((VALUE >= 1) AND (VALUE <= 100)));
ALTER DOMAIN retail.result_limit OWNER TO postgres;
COMMENT ON DOMAIN retail.result_limit IS 'A number from 1 to 100.
@schema {"minimum": 1, "maximum": 100}';

CREATE DOMAIN retail.return_lines AS retail.return_line[]
	CONSTRAINT return_lines_check CHECK ((((cardinality(VALUE) >= 1) AND (cardinality(VALUE) <= 100)) AND (array_position(VALUE, NULL::retail.return_line) IS NULL)));
ALTER DOMAIN retail.return_lines OWNER TO postgres;
COMMENT ON DOMAIN retail.return_lines IS '1 to 100 lines of an order.
@schema {"minItems": 1, "maxItems": 100}';

CREATE DOMAIN retail.sale_lines AS retail.sale_line[]
	CONSTRAINT sale_lines_check CHECK ((((cardinality(VALUE) >= 1) AND (cardinality(VALUE) <= 100)) AND (array_position(VALUE, NULL::retail.sale_line) IS NULL)));
ALTER DOMAIN retail.sale_lines OWNER TO postgres;
COMMENT ON DOMAIN retail.sale_lines IS '1 to 100 lines.
@schema {"minItems": 1, "maxItems": 100}';

CREATE DOMAIN retail.search_text AS text
	CONSTRAINT search_text_check CHECK (((VALUE ~ '\S'::text) AND (length(VALUE) <= 500)));
ALTER DOMAIN retail.search_text OWNER TO postgres;
COMMENT ON DOMAIN retail.search_text IS 'Text of 1 to 500 characters, not only blanks.
@schema {"minLength": 1, "maxLength": 500}';

CREATE DOMAIN retail.similarity AS double precision
	CONSTRAINT similarity_check CHECK (((VALUE >= (0)::double precision) AND (VALUE <= (1)::double precision)));
ALTER DOMAIN retail.similarity OWNER TO postgres;
COMMENT ON DOMAIN retail.similarity IS 'A number from 0 to 1.
@schema {"minimum": 0, "maximum": 1}';

CREATE DOMAIN retail.sku AS text NOT NULL
	CONSTRAINT sku_check CHECK ((VALUE ~ '^[A-Z0-9-]{1,40}$'::text));
ALTER DOMAIN retail.sku OWNER TO postgres;
COMMENT ON DOMAIN retail.sku IS 'A stock keeping unit: 1 to 40 capital letters, digits and hyphens.
@schema {"pattern": "^[A-Z0-9-]{1,40}$"}';

CREATE DOMAIN retail.stock_change AS integer
	CONSTRAINT stock_change_check CHECK (((VALUE <> 0) AND ((VALUE >= '-100000'::integer) AND (VALUE <= 100000))));
ALTER DOMAIN retail.stock_change OWNER TO postgres;
COMMENT ON DOMAIN retail.stock_change IS 'A whole number from -100000 to 100000 other than 0.
@schema {"minimum": -100000, "maximum": 100000, "not": {"const": 0}}';

CREATE TABLE retail.categories (
    category_id uuid DEFAULT mcp_tool.uuidv7() NOT NULL,
    name retail.label NOT NULL,
    description text DEFAULT ''::text NOT NULL
);
ALTER TABLE ONLY retail.categories FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.categories OWNER TO zava_owner;
COMMENT ON TABLE retail.categories IS 'One row a product category.';
COMMENT ON COLUMN retail.categories.category_id IS 'Key.';
COMMENT ON COLUMN retail.categories.name IS 'Name.';
COMMENT ON COLUMN retail.categories.description IS 'What belongs to it.';
ALTER TABLE ONLY retail.categories
    ADD CONSTRAINT categories_name_key UNIQUE (name);
ALTER TABLE ONLY retail.categories
    ADD CONSTRAINT categories_pkey PRIMARY KEY (category_id);
CREATE TRIGGER categories_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.categories FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER categories_notify_change ON retail.categories IS 'Invalidates the cached answers of the servers.';
CREATE TRIGGER categories_renew_search_vectors AFTER UPDATE OF name ON retail.categories FOR EACH ROW WHEN (((old.name)::text IS DISTINCT FROM (new.name)::text)) EXECUTE FUNCTION retail.renew_search_vectors();
COMMENT ON TRIGGER categories_renew_search_vectors ON retail.categories IS 'Keeps search_vector of the products.';
ALTER TABLE retail.categories ENABLE ROW LEVEL SECURITY;
CREATE POLICY categories_owner ON retail.categories TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY categories_owner ON retail.categories IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY categories_select ON retail.categories FOR SELECT TO mcp_tools, mcp_sandbox USING ((( SELECT retail.get_user_store_list() AS get_user_store_list) IS NOT NULL));
COMMENT ON POLICY categories_select ON retail.categories IS 'Every identified caller; nobody without an identity.';
GRANT SELECT ON TABLE retail.categories TO mcp_tools;
GRANT SELECT(category_id) ON TABLE retail.categories TO mcp_sandbox;
GRANT SELECT(name) ON TABLE retail.categories TO mcp_sandbox;
GRANT SELECT(description) ON TABLE retail.categories TO mcp_sandbox;

CREATE TABLE retail.category_seasonality (
    category_id uuid NOT NULL,
    month smallint NOT NULL,
    weight numeric(4,2) NOT NULL,
    CONSTRAINT category_seasonality_month_check CHECK (((month >= 1) AND (month <= 12))),
    CONSTRAINT category_seasonality_weight_check CHECK ((weight > (0)::numeric))
);
ALTER TABLE ONLY retail.category_seasonality FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.category_seasonality OWNER TO zava_owner;
COMMENT ON TABLE retail.category_seasonality IS 'Expected demand of a category by month of the year.';
COMMENT ON COLUMN retail.category_seasonality.category_id IS 'Category.';
COMMENT ON COLUMN retail.category_seasonality.month IS 'Month, 1 to 12.';
COMMENT ON COLUMN retail.category_seasonality.weight IS 'Demand against the average month, which is 1.';
ALTER TABLE ONLY retail.category_seasonality
    ADD CONSTRAINT category_seasonality_pkey PRIMARY KEY (category_id, month);
CREATE TRIGGER category_seasonality_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.category_seasonality FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER category_seasonality_notify_change ON retail.category_seasonality IS 'Invalidates the cached answers of the servers.';
ALTER TABLE ONLY retail.category_seasonality
    ADD CONSTRAINT category_seasonality_category_id_fkey FOREIGN KEY (category_id) REFERENCES retail.categories(category_id) ON DELETE RESTRICT;
ALTER TABLE retail.category_seasonality ENABLE ROW LEVEL SECURITY;
CREATE POLICY category_seasonality_owner ON retail.category_seasonality TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY category_seasonality_owner ON retail.category_seasonality IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY category_seasonality_select ON retail.category_seasonality FOR SELECT TO mcp_tools, mcp_sandbox USING ((( SELECT retail.get_user_store_list() AS get_user_store_list) IS NOT NULL));
COMMENT ON POLICY category_seasonality_select ON retail.category_seasonality IS 'Every identified caller; nobody without an identity.';
GRANT SELECT ON TABLE retail.category_seasonality TO mcp_tools;
GRANT SELECT(category_id) ON TABLE retail.category_seasonality TO mcp_sandbox;
GRANT SELECT(month) ON TABLE retail.category_seasonality TO mcp_sandbox;
GRANT SELECT(weight) ON TABLE retail.category_seasonality TO mcp_sandbox;

CREATE TABLE retail.change_log (
    store_id uuid NOT NULL,
    change_id uuid DEFAULT mcp_tool.uuidv7() NOT NULL,
    table_name name NOT NULL,
    operation retail.change_operation NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    user_id uuid,
    login name DEFAULT SESSION_USER NOT NULL,
    old_row jsonb,
    new_row jsonb,
    CONSTRAINT change_log_row_check CHECK ((((operation = 'insert'::retail.change_operation) = (old_row IS NULL)) AND ((operation = 'delete'::retail.change_operation) = (new_row IS NULL))))
);
ALTER TABLE ONLY retail.change_log FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.change_log OWNER TO zava_owner;
COMMENT ON TABLE retail.change_log IS 'One row a change of a customer, order, order line or stock level. Written by triggers, changed by nobody.';
COMMENT ON COLUMN retail.change_log.store_id IS 'Store whose row changed.';
COMMENT ON COLUMN retail.change_log.change_id IS 'Key within the store, in time order.';
COMMENT ON COLUMN retail.change_log.table_name IS 'Table in schema retail.';
COMMENT ON COLUMN retail.change_log.operation IS 'What happened.';
COMMENT ON COLUMN retail.change_log.changed_at IS 'When.';
COMMENT ON COLUMN retail.change_log.user_id IS 'User of the call that did it; null when no call did.';
COMMENT ON COLUMN retail.change_log.login IS 'Login of the session that did it.';
COMMENT ON COLUMN retail.change_log.old_row IS 'The row before; null for an insert.';
COMMENT ON COLUMN retail.change_log.new_row IS 'The row after; null for a delete.';
ALTER TABLE ONLY retail.change_log
    ADD CONSTRAINT change_log_pkey PRIMARY KEY (store_id, change_id);
CREATE INDEX change_log_changed_at_idx ON retail.change_log USING btree (store_id, table_name, changed_at);
CREATE TRIGGER change_log_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.change_log FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER change_log_notify_change ON retail.change_log IS 'Invalidates the cached answers of the servers.';
ALTER TABLE retail.change_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY change_log_insert ON retail.change_log FOR INSERT TO mcp_core WITH CHECK (true);
COMMENT ON POLICY change_log_insert ON retail.change_log IS 'Triggers with mcp_tool.log_inserts and mcp_tool.log_change write the changes of every store.';
CREATE POLICY change_log_owner ON retail.change_log TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY change_log_owner ON retail.change_log IS 'The demo generator, which runs as the owner, sees every row.';
CREATE POLICY change_log_select ON retail.change_log FOR SELECT TO mcp_tools, mcp_sandbox USING (((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])) AND ((table_name <> 'customers'::name) OR (store_id = ( SELECT retail.get_current_user_store() AS get_current_user_store)))));
COMMENT ON POLICY change_log_select ON retail.change_log IS 'The stores in the scope of the caller; changes of customers only for the manager of the store.';
GRANT SELECT ON TABLE retail.change_log TO mcp_tools;
GRANT INSERT(store_id) ON TABLE retail.change_log TO mcp_core;
GRANT SELECT(store_id) ON TABLE retail.change_log TO mcp_sandbox;
GRANT SELECT(change_id) ON TABLE retail.change_log TO mcp_sandbox;
GRANT INSERT(table_name) ON TABLE retail.change_log TO mcp_core;
GRANT SELECT(table_name) ON TABLE retail.change_log TO mcp_sandbox;
GRANT INSERT(operation) ON TABLE retail.change_log TO mcp_core;
GRANT SELECT(operation) ON TABLE retail.change_log TO mcp_sandbox;
GRANT SELECT(changed_at) ON TABLE retail.change_log TO mcp_sandbox;
GRANT INSERT(user_id) ON TABLE retail.change_log TO mcp_core;
GRANT SELECT(user_id) ON TABLE retail.change_log TO mcp_sandbox;
GRANT SELECT(login) ON TABLE retail.change_log TO mcp_sandbox;
GRANT INSERT(old_row) ON TABLE retail.change_log TO mcp_core;
GRANT SELECT(old_row) ON TABLE retail.change_log TO mcp_sandbox;
GRANT INSERT(new_row) ON TABLE retail.change_log TO mcp_core;
GRANT SELECT(new_row) ON TABLE retail.change_log TO mcp_sandbox;

CREATE TABLE retail.customer_sales (
    store_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    order_count integer NOT NULL,
    net_amount numeric(14,2) NOT NULL,
    first_order_date date NOT NULL,
    last_order_date date NOT NULL,
    CONSTRAINT customer_sales_last_order_date_check CHECK ((last_order_date >= first_order_date)),
    CONSTRAINT customer_sales_order_count_check CHECK ((order_count >= 0))
);
ALTER TABLE ONLY retail.customer_sales FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.customer_sales OWNER TO zava_owner;
COMMENT ON TABLE retail.customer_sales IS 'One row a customer with an order: sums over orders, kept by triggers. Who is new, who comes back, who stays away.';
COMMENT ON COLUMN retail.customer_sales.store_id IS 'Store.';
COMMENT ON COLUMN retail.customer_sales.customer_id IS 'Customer of the store.';
COMMENT ON COLUMN retail.customer_sales.order_count IS 'Orders.';
COMMENT ON COLUMN retail.customer_sales.net_amount IS 'Sales net of discounts: the revenue.';
COMMENT ON COLUMN retail.customer_sales.first_order_date IS 'Business day of the first order.';
COMMENT ON COLUMN retail.customer_sales.last_order_date IS 'Business day of the last order.';
ALTER TABLE ONLY retail.customer_sales
    ADD CONSTRAINT customer_sales_pkey PRIMARY KEY (store_id, customer_id);
CREATE INDEX customer_sales_first_order_date_idx ON retail.customer_sales USING btree (store_id, first_order_date);
CREATE TRIGGER customer_sales_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.customer_sales FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER customer_sales_notify_change ON retail.customer_sales IS 'Invalidates the cached answers of the servers.';
ALTER TABLE retail.customer_sales ENABLE ROW LEVEL SECURITY;
CREATE POLICY customer_sales_owner ON retail.customer_sales TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY customer_sales_owner ON retail.customer_sales IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY customer_sales_select ON retail.customer_sales FOR SELECT TO mcp_tools, mcp_sandbox USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY customer_sales_select ON retail.customer_sales IS 'The stores in the scope of the caller.';
GRANT SELECT ON TABLE retail.customer_sales TO mcp_tools;
GRANT SELECT(store_id) ON TABLE retail.customer_sales TO mcp_sandbox;
GRANT SELECT(customer_id) ON TABLE retail.customer_sales TO mcp_sandbox;
GRANT SELECT(order_count) ON TABLE retail.customer_sales TO mcp_sandbox;
GRANT SELECT(net_amount) ON TABLE retail.customer_sales TO mcp_sandbox;
GRANT SELECT(first_order_date) ON TABLE retail.customer_sales TO mcp_sandbox;
GRANT SELECT(last_order_date) ON TABLE retail.customer_sales TO mcp_sandbox;

CREATE TABLE retail.customers (
    store_id uuid NOT NULL,
    customer_id uuid DEFAULT mcp_tool.uuidv7() NOT NULL,
    first_name retail.label NOT NULL,
    last_name retail.label NOT NULL,
    email retail.email,
    phone text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT customers_phone_check CHECK ((phone ~ '^\+?[0-9 ()-]{5,20}$'::text))
);
ALTER TABLE ONLY retail.customers FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.customers OWNER TO zava_owner;
COMMENT ON TABLE retail.customers IS 'One row a customer of a store. Names and contact data are seen by that store''s manager alone.';
COMMENT ON COLUMN retail.customers.store_id IS 'Store.';
COMMENT ON COLUMN retail.customers.customer_id IS 'Key within the store.';
COMMENT ON COLUMN retail.customers.first_name IS 'First name.';
COMMENT ON COLUMN retail.customers.last_name IS 'Last name.';
COMMENT ON COLUMN retail.customers.email IS 'E-mail address, unique within the store.';
COMMENT ON COLUMN retail.customers.phone IS 'Telephone number.';
COMMENT ON COLUMN retail.customers.created_at IS 'When the customer was added.';
ALTER TABLE ONLY retail.customers
    ADD CONSTRAINT customers_email_key UNIQUE (store_id, email);
ALTER TABLE ONLY retail.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (store_id, customer_id);
CREATE TRIGGER customers_log_delete AFTER DELETE ON retail.customers FOR EACH ROW EXECUTE FUNCTION mcp_tool.log_change('retail', 'change_log', 'store_id', 'customers');
COMMENT ON TRIGGER customers_log_delete ON retail.customers IS 'Writes the change log.';
CREATE TRIGGER customers_log_insert AFTER INSERT ON retail.customers REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.log_inserts('retail', 'change_log', 'store_id', 'customers');
COMMENT ON TRIGGER customers_log_insert ON retail.customers IS 'Writes the change log.';
CREATE TRIGGER customers_log_update AFTER UPDATE ON retail.customers FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION mcp_tool.log_change('retail', 'change_log', 'store_id', 'customers');
COMMENT ON TRIGGER customers_log_update ON retail.customers IS 'Writes the change log.';
CREATE TRIGGER customers_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.customers FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER customers_notify_change ON retail.customers IS 'Invalidates the cached answers of the servers.';
ALTER TABLE ONLY retail.customers
    ADD CONSTRAINT customers_store_id_fkey FOREIGN KEY (store_id) REFERENCES retail.stores(store_id) ON DELETE RESTRICT;
ALTER TABLE retail.customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY customers_delete ON retail.customers FOR DELETE TO mcp_tools USING ((store_id = ( SELECT retail.get_current_user_store() AS get_current_user_store)));
COMMENT ON POLICY customers_delete ON retail.customers IS 'The manager of the store alone: names and contact data never leave it.';
CREATE POLICY customers_insert ON retail.customers FOR INSERT TO mcp_tools WITH CHECK ((store_id = ( SELECT retail.get_current_user_store() AS get_current_user_store)));
COMMENT ON POLICY customers_insert ON retail.customers IS 'The manager of the store alone: names and contact data never leave it.';
CREATE POLICY customers_owner ON retail.customers TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY customers_owner ON retail.customers IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY customers_select ON retail.customers FOR SELECT TO mcp_tools, mcp_sandbox USING ((store_id = ( SELECT retail.get_current_user_store() AS get_current_user_store)));
COMMENT ON POLICY customers_select ON retail.customers IS 'The manager of the store alone: names and contact data never leave it.';
CREATE POLICY customers_update ON retail.customers FOR UPDATE TO mcp_tools USING ((store_id = ( SELECT retail.get_current_user_store() AS get_current_user_store))) WITH CHECK ((store_id = ( SELECT retail.get_current_user_store() AS get_current_user_store)));
COMMENT ON POLICY customers_update ON retail.customers IS 'The manager of the store alone: names and contact data never leave it.';
GRANT SELECT,DELETE ON TABLE retail.customers TO mcp_tools;
GRANT SELECT(store_id) ON TABLE retail.customers TO mcp_sandbox;
GRANT INSERT(store_id) ON TABLE retail.customers TO mcp_tools;
GRANT SELECT(customer_id) ON TABLE retail.customers TO mcp_sandbox;
GRANT INSERT(customer_id) ON TABLE retail.customers TO mcp_tools;
GRANT SELECT(first_name) ON TABLE retail.customers TO mcp_sandbox;
GRANT INSERT(first_name),UPDATE(first_name) ON TABLE retail.customers TO mcp_tools;
GRANT SELECT(last_name) ON TABLE retail.customers TO mcp_sandbox;
GRANT INSERT(last_name),UPDATE(last_name) ON TABLE retail.customers TO mcp_tools;
GRANT SELECT(email) ON TABLE retail.customers TO mcp_sandbox;
GRANT INSERT(email),UPDATE(email) ON TABLE retail.customers TO mcp_tools;
GRANT SELECT(phone) ON TABLE retail.customers TO mcp_sandbox;
GRANT INSERT(phone),UPDATE(phone) ON TABLE retail.customers TO mcp_tools;
GRANT SELECT(created_at) ON TABLE retail.customers TO mcp_sandbox;

CREATE TABLE retail.daily_sales (
    store_id uuid NOT NULL,
    sales_date date NOT NULL,
    product_id uuid NOT NULL,
    line_count integer NOT NULL,
    units bigint NOT NULL,
    gross_amount numeric(14,2) NOT NULL,
    discount_amount numeric(14,2) NOT NULL,
    net_amount numeric(14,2) GENERATED ALWAYS AS ((gross_amount - discount_amount)) STORED NOT NULL,
    CONSTRAINT daily_sales_line_count_check CHECK ((line_count >= 0))
);
ALTER TABLE ONLY retail.daily_sales FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.daily_sales OWNER TO zava_owner;
COMMENT ON TABLE retail.daily_sales IS 'One row a store, business day and product that was sold on it: sums over order_items, kept by triggers.';
COMMENT ON COLUMN retail.daily_sales.store_id IS 'Store.';
COMMENT ON COLUMN retail.daily_sales.sales_date IS 'Business day.';
COMMENT ON COLUMN retail.daily_sales.product_id IS 'Product.';
COMMENT ON COLUMN retail.daily_sales.line_count IS 'Order lines.';
COMMENT ON COLUMN retail.daily_sales.units IS 'Units sold.';
COMMENT ON COLUMN retail.daily_sales.gross_amount IS 'Sales before discounts.';
COMMENT ON COLUMN retail.daily_sales.discount_amount IS 'Discounts.';
COMMENT ON COLUMN retail.daily_sales.net_amount IS 'Sales net of discounts: the revenue.';
ALTER TABLE ONLY retail.daily_sales
    ADD CONSTRAINT daily_sales_pkey PRIMARY KEY (store_id, sales_date, product_id);
CREATE TRIGGER daily_sales_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.daily_sales FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER daily_sales_notify_change ON retail.daily_sales IS 'Invalidates the cached answers of the servers.';
ALTER TABLE retail.daily_sales ENABLE ROW LEVEL SECURITY;
CREATE POLICY daily_sales_owner ON retail.daily_sales TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY daily_sales_owner ON retail.daily_sales IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY daily_sales_select ON retail.daily_sales FOR SELECT TO mcp_tools, mcp_sandbox USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY daily_sales_select ON retail.daily_sales IS 'The stores in the scope of the caller.';
GRANT SELECT ON TABLE retail.daily_sales TO mcp_tools;
GRANT SELECT(store_id) ON TABLE retail.daily_sales TO mcp_sandbox;
GRANT SELECT(sales_date) ON TABLE retail.daily_sales TO mcp_sandbox;
GRANT SELECT(product_id) ON TABLE retail.daily_sales TO mcp_sandbox;
GRANT SELECT(line_count) ON TABLE retail.daily_sales TO mcp_sandbox;
GRANT SELECT(units) ON TABLE retail.daily_sales TO mcp_sandbox;
GRANT SELECT(gross_amount) ON TABLE retail.daily_sales TO mcp_sandbox;
GRANT SELECT(discount_amount) ON TABLE retail.daily_sales TO mcp_sandbox;
GRANT SELECT(net_amount) ON TABLE retail.daily_sales TO mcp_sandbox;

CREATE TABLE retail.daily_totals (
    store_id uuid NOT NULL,
    sales_date date NOT NULL,
    order_count integer NOT NULL,
    line_count integer NOT NULL,
    units bigint NOT NULL,
    gross_amount numeric(14,2) NOT NULL,
    discount_amount numeric(14,2) NOT NULL,
    net_amount numeric(14,2) GENERATED ALWAYS AS ((gross_amount - discount_amount)) STORED NOT NULL,
    CONSTRAINT daily_totals_line_count_check CHECK ((line_count >= 0)),
    CONSTRAINT daily_totals_order_count_check CHECK ((order_count >= 0))
);
ALTER TABLE ONLY retail.daily_totals FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.daily_totals OWNER TO zava_owner;
COMMENT ON TABLE retail.daily_totals IS 'One row a store and business day with an order: sums over orders and order_items, kept by triggers.';
COMMENT ON COLUMN retail.daily_totals.store_id IS 'Store.';
COMMENT ON COLUMN retail.daily_totals.sales_date IS 'Business day.';
COMMENT ON COLUMN retail.daily_totals.order_count IS 'Orders.';
COMMENT ON COLUMN retail.daily_totals.line_count IS 'Order lines.';
COMMENT ON COLUMN retail.daily_totals.units IS 'Units sold.';
COMMENT ON COLUMN retail.daily_totals.gross_amount IS 'Sales before discounts.';
COMMENT ON COLUMN retail.daily_totals.discount_amount IS 'Discounts.';
COMMENT ON COLUMN retail.daily_totals.net_amount IS 'Sales net of discounts: the revenue.';
ALTER TABLE ONLY retail.daily_totals
    ADD CONSTRAINT daily_totals_pkey PRIMARY KEY (store_id, sales_date);
CREATE TRIGGER daily_totals_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.daily_totals FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER daily_totals_notify_change ON retail.daily_totals IS 'Invalidates the cached answers of the servers.';
ALTER TABLE retail.daily_totals ENABLE ROW LEVEL SECURITY;
CREATE POLICY daily_totals_owner ON retail.daily_totals TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY daily_totals_owner ON retail.daily_totals IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY daily_totals_select ON retail.daily_totals FOR SELECT TO mcp_tools, mcp_sandbox USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY daily_totals_select ON retail.daily_totals IS 'The stores in the scope of the caller.';
GRANT SELECT ON TABLE retail.daily_totals TO mcp_tools;
GRANT SELECT(store_id) ON TABLE retail.daily_totals TO mcp_sandbox;
GRANT SELECT(sales_date) ON TABLE retail.daily_totals TO mcp_sandbox;
GRANT SELECT(order_count) ON TABLE retail.daily_totals TO mcp_sandbox;
GRANT SELECT(line_count) ON TABLE retail.daily_totals TO mcp_sandbox;
GRANT SELECT(units) ON TABLE retail.daily_totals TO mcp_sandbox;
GRANT SELECT(gross_amount) ON TABLE retail.daily_totals TO mcp_sandbox;
GRANT SELECT(discount_amount) ON TABLE retail.daily_totals TO mcp_sandbox;
GRANT SELECT(net_amount) ON TABLE retail.daily_totals TO mcp_sandbox;

CREATE TABLE retail.embedding_models (
    model text NOT NULL,
    is_active boolean NOT NULL,
    similarity_threshold double precision NOT NULL,
    lists integer,
    probes integer,
    product_count integer NOT NULL,
    indexed_at timestamp with time zone DEFAULT now() NOT NULL,
    method retail.index_method NOT NULL,
    recall double precision,
    measured_at timestamp with time zone,
    CONSTRAINT embedding_models_lists_check CHECK ((lists >= 1)),
    CONSTRAINT embedding_models_method_check CHECK ((((method = 'ivfflat'::retail.index_method) = (lists IS NOT NULL)) AND ((lists IS NULL) = (probes IS NULL)))),
    CONSTRAINT embedding_models_probes_check CHECK (((probes >= 1) AND (probes <= lists))),
    CONSTRAINT embedding_models_recall_check CHECK (((recall >= (0)::double precision) AND (recall <= (1)::double precision))),
    CONSTRAINT embedding_models_similarity_threshold_check CHECK (((similarity_threshold >= (0)::double precision) AND (similarity_threshold <= (1)::double precision)))
);
ALTER TABLE ONLY retail.embedding_models FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.embedding_models OWNER TO zava_owner;
COMMENT ON TABLE retail.embedding_models IS 'One row an embedding model whose vectors are stored; searches use the active one.';
COMMENT ON COLUMN retail.embedding_models.model IS 'Name of the model.';
COMMENT ON COLUMN retail.embedding_models.is_active IS 'Whether searches use it; one at the most.';
COMMENT ON COLUMN retail.embedding_models.similarity_threshold IS 'Similarity below which a product of this model is no answer, measured on its own vectors.';
COMMENT ON COLUMN retail.embedding_models.lists IS 'Lists of the ivfflat index; null when searches are exact.';
COMMENT ON COLUMN retail.embedding_models.probes IS 'Lists that a search visits first; null when searches are exact.';
COMMENT ON COLUMN retail.embedding_models.product_count IS 'Products with a vector when the index was built.';
COMMENT ON COLUMN retail.embedding_models.indexed_at IS 'When the index was built.';
COMMENT ON COLUMN retail.embedding_models.method IS 'How searches find the nearest vectors.';
COMMENT ON COLUMN retail.embedding_models.recall IS 'How many of the ten nearest vectors a search finds, 0 to 1, as measured; null when it never was.';
COMMENT ON COLUMN retail.embedding_models.measured_at IS 'When recall was measured.';
ALTER TABLE ONLY retail.embedding_models
    ADD CONSTRAINT embedding_models_pkey PRIMARY KEY (model);
CREATE UNIQUE INDEX embedding_models_active_idx ON retail.embedding_models USING btree (is_active) WHERE is_active;
CREATE TRIGGER embedding_models_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.embedding_models FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER embedding_models_notify_change ON retail.embedding_models IS 'Invalidates the cached answers of the servers.';
ALTER TABLE retail.embedding_models ENABLE ROW LEVEL SECURITY;
CREATE POLICY embedding_models_owner ON retail.embedding_models TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY embedding_models_owner ON retail.embedding_models IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY embedding_models_select ON retail.embedding_models FOR SELECT TO mcp_tools, mcp_sandbox USING ((( SELECT retail.get_user_store_list() AS get_user_store_list) IS NOT NULL));
COMMENT ON POLICY embedding_models_select ON retail.embedding_models IS 'Every identified caller; nobody without an identity.';
GRANT SELECT ON TABLE retail.embedding_models TO mcp_tools;
GRANT SELECT(model) ON TABLE retail.embedding_models TO mcp_sandbox;
GRANT SELECT(is_active) ON TABLE retail.embedding_models TO mcp_sandbox;
GRANT SELECT(similarity_threshold) ON TABLE retail.embedding_models TO mcp_sandbox;
GRANT SELECT(lists) ON TABLE retail.embedding_models TO mcp_sandbox;
GRANT SELECT(probes) ON TABLE retail.embedding_models TO mcp_sandbox;
GRANT SELECT(product_count) ON TABLE retail.embedding_models TO mcp_sandbox;
GRANT SELECT(indexed_at) ON TABLE retail.embedding_models TO mcp_sandbox;
GRANT SELECT(method) ON TABLE retail.embedding_models TO mcp_sandbox;
GRANT SELECT(recall) ON TABLE retail.embedding_models TO mcp_sandbox;
GRANT SELECT(measured_at) ON TABLE retail.embedding_models TO mcp_sandbox;

CREATE TABLE retail.inventory (
    store_id uuid NOT NULL,
    product_id uuid NOT NULL,
    stock_level integer NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT inventory_stock_level_check CHECK ((stock_level >= 0))
);
ALTER TABLE ONLY retail.inventory FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.inventory OWNER TO zava_owner;
COMMENT ON TABLE retail.inventory IS 'One row a product that a store carries.';
COMMENT ON COLUMN retail.inventory.store_id IS 'Store.';
COMMENT ON COLUMN retail.inventory.product_id IS 'Product.';
COMMENT ON COLUMN retail.inventory.stock_level IS 'Units in stock.';
COMMENT ON COLUMN retail.inventory.updated_at IS 'When the level last changed.';
ALTER TABLE ONLY retail.inventory
    ADD CONSTRAINT inventory_pkey PRIMARY KEY (store_id, product_id);
CREATE INDEX inventory_product_id_idx ON retail.inventory USING btree (product_id);
CREATE INDEX inventory_stock_level_idx ON retail.inventory USING btree (store_id, product_id) WHERE (stock_level > 0);
CREATE TRIGGER inventory_log_delete AFTER DELETE ON retail.inventory FOR EACH ROW EXECUTE FUNCTION mcp_tool.log_change('retail', 'change_log', 'store_id', 'inventory');
COMMENT ON TRIGGER inventory_log_delete ON retail.inventory IS 'Writes the change log.';
CREATE TRIGGER inventory_log_insert AFTER INSERT ON retail.inventory REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.log_inserts('retail', 'change_log', 'store_id', 'inventory');
COMMENT ON TRIGGER inventory_log_insert ON retail.inventory IS 'Writes the change log.';
CREATE TRIGGER inventory_log_update AFTER UPDATE ON retail.inventory FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION mcp_tool.log_change('retail', 'change_log', 'store_id', 'inventory');
COMMENT ON TRIGGER inventory_log_update ON retail.inventory IS 'Writes the change log.';
CREATE TRIGGER inventory_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.inventory FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER inventory_notify_change ON retail.inventory IS 'Invalidates the cached answers of the servers.';
CREATE TRIGGER inventory_stamp BEFORE UPDATE ON retail.inventory FOR EACH ROW WHEN ((old.stock_level IS DISTINCT FROM new.stock_level)) EXECUTE FUNCTION retail.stamp_inventory();
COMMENT ON TRIGGER inventory_stamp ON retail.inventory IS 'Sets updated_at.';
ALTER TABLE ONLY retail.inventory
    ADD CONSTRAINT inventory_product_id_fkey FOREIGN KEY (product_id) REFERENCES retail.products(product_id) ON DELETE RESTRICT;
ALTER TABLE ONLY retail.inventory
    ADD CONSTRAINT inventory_store_id_fkey FOREIGN KEY (store_id) REFERENCES retail.stores(store_id) ON DELETE RESTRICT;
ALTER TABLE retail.inventory ENABLE ROW LEVEL SECURITY;
CREATE POLICY inventory_delete ON retail.inventory FOR DELETE TO mcp_tools USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY inventory_delete ON retail.inventory IS 'The stores in the scope of the caller.';
CREATE POLICY inventory_insert ON retail.inventory FOR INSERT TO mcp_tools WITH CHECK ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY inventory_insert ON retail.inventory IS 'The stores in the scope of the caller.';
CREATE POLICY inventory_owner ON retail.inventory TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY inventory_owner ON retail.inventory IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY inventory_select ON retail.inventory FOR SELECT TO mcp_tools, mcp_sandbox USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY inventory_select ON retail.inventory IS 'The stores in the scope of the caller.';
CREATE POLICY inventory_update ON retail.inventory FOR UPDATE TO mcp_tools USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[]))) WITH CHECK ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY inventory_update ON retail.inventory IS 'The stores in the scope of the caller.';
GRANT SELECT,DELETE ON TABLE retail.inventory TO mcp_tools;
GRANT SELECT(store_id) ON TABLE retail.inventory TO mcp_sandbox;
GRANT INSERT(store_id) ON TABLE retail.inventory TO mcp_tools;
GRANT SELECT(product_id) ON TABLE retail.inventory TO mcp_sandbox;
GRANT INSERT(product_id) ON TABLE retail.inventory TO mcp_tools;
GRANT SELECT(stock_level) ON TABLE retail.inventory TO mcp_sandbox;
GRANT INSERT(stock_level),UPDATE(stock_level) ON TABLE retail.inventory TO mcp_tools;
GRANT SELECT(updated_at) ON TABLE retail.inventory TO mcp_sandbox;

CREATE TABLE retail.order_items (
    store_id uuid NOT NULL,
    order_id uuid NOT NULL,
    line_number smallint NOT NULL,
    order_date date NOT NULL,
    product_id uuid NOT NULL,
    quantity integer NOT NULL,
    unit_price numeric(12,2) NOT NULL,
    discount_amount numeric(12,2) DEFAULT 0 NOT NULL,
    line_amount numeric(12,2) GENERATED ALWAYS AS ((((quantity)::numeric * unit_price) - discount_amount)) STORED NOT NULL,
    CONSTRAINT order_items_discount_amount_check CHECK (((discount_amount >= (0)::numeric) AND (discount_amount <= ((quantity)::numeric * unit_price)))),
    CONSTRAINT order_items_line_number_check CHECK ((line_number >= 1)),
    CONSTRAINT order_items_quantity_check CHECK ((quantity > 0)),
    CONSTRAINT order_items_unit_price_check CHECK ((unit_price >= (0)::numeric))
);
ALTER TABLE ONLY retail.order_items FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.order_items OWNER TO zava_owner;
COMMENT ON TABLE retail.order_items IS 'One row a line of an order.';
COMMENT ON COLUMN retail.order_items.store_id IS 'Store.';
COMMENT ON COLUMN retail.order_items.order_id IS 'Order.';
COMMENT ON COLUMN retail.order_items.line_number IS 'Number of the line within the order, from 1.';
COMMENT ON COLUMN retail.order_items.order_date IS 'The order''s business day, so that sums by day need no join.';
COMMENT ON COLUMN retail.order_items.product_id IS 'Product.';
COMMENT ON COLUMN retail.order_items.quantity IS 'Units.';
COMMENT ON COLUMN retail.order_items.unit_price IS 'Price of a unit before the discount.';
COMMENT ON COLUMN retail.order_items.discount_amount IS 'Discount on the whole line.';
COMMENT ON COLUMN retail.order_items.line_amount IS 'quantity * unit_price - discount_amount: the revenue.';
ALTER TABLE ONLY retail.order_items
    ADD CONSTRAINT order_items_pkey PRIMARY KEY (store_id, order_id, line_number);
CREATE INDEX order_items_order_date_idx ON retail.order_items USING btree (store_id, order_date, product_id);
CREATE INDEX order_items_product_id_idx ON retail.order_items USING btree (product_id);
CREATE TRIGGER order_items_log_delete AFTER DELETE ON retail.order_items FOR EACH ROW EXECUTE FUNCTION mcp_tool.log_change('retail', 'change_log', 'store_id', 'order_items');
COMMENT ON TRIGGER order_items_log_delete ON retail.order_items IS 'Writes the change log.';
CREATE TRIGGER order_items_log_insert AFTER INSERT ON retail.order_items REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.log_inserts('retail', 'change_log', 'store_id', 'order_items');
COMMENT ON TRIGGER order_items_log_insert ON retail.order_items IS 'Writes the change log.';
CREATE TRIGGER order_items_log_update AFTER UPDATE ON retail.order_items FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION mcp_tool.log_change('retail', 'change_log', 'store_id', 'order_items');
COMMENT ON TRIGGER order_items_log_update ON retail.order_items IS 'Writes the change log.';
CREATE TRIGGER order_items_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.order_items FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER order_items_notify_change ON retail.order_items IS 'Invalidates the cached answers of the servers.';
CREATE TRIGGER order_items_roll_up_delete AFTER DELETE ON retail.order_items REFERENCING OLD TABLE AS old_lines FOR EACH STATEMENT EXECUTE FUNCTION retail.roll_up_lines();
COMMENT ON TRIGGER order_items_roll_up_delete ON retail.order_items IS 'Keeps rollups and totals.';
CREATE TRIGGER order_items_roll_up_insert AFTER INSERT ON retail.order_items REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION retail.roll_up_lines();
COMMENT ON TRIGGER order_items_roll_up_insert ON retail.order_items IS 'Keeps rollups and totals.';
CREATE TRIGGER order_items_roll_up_truncate AFTER TRUNCATE ON retail.order_items FOR EACH STATEMENT EXECUTE FUNCTION retail.roll_up_lines();
COMMENT ON TRIGGER order_items_roll_up_truncate ON retail.order_items IS 'Keeps rollups and totals.';
CREATE TRIGGER order_items_roll_up_update AFTER UPDATE ON retail.order_items REFERENCING OLD TABLE AS old_lines NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION retail.roll_up_lines();
COMMENT ON TRIGGER order_items_roll_up_update ON retail.order_items IS 'Keeps rollups and totals.';
ALTER TABLE ONLY retail.order_items
    ADD CONSTRAINT order_items_order_id_fkey FOREIGN KEY (store_id, order_id, order_date) REFERENCES retail.orders(store_id, order_id, order_date) ON UPDATE CASCADE ON DELETE RESTRICT DEFERRABLE;
ALTER TABLE ONLY retail.order_items
    ADD CONSTRAINT order_items_product_id_fkey FOREIGN KEY (product_id) REFERENCES retail.products(product_id) ON DELETE RESTRICT;
ALTER TABLE retail.order_items ENABLE ROW LEVEL SECURITY;
CREATE POLICY order_items_delete ON retail.order_items FOR DELETE TO mcp_tools USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY order_items_delete ON retail.order_items IS 'The stores in the scope of the caller.';
CREATE POLICY order_items_insert ON retail.order_items FOR INSERT TO mcp_tools WITH CHECK ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY order_items_insert ON retail.order_items IS 'The stores in the scope of the caller.';
CREATE POLICY order_items_owner ON retail.order_items TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY order_items_owner ON retail.order_items IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY order_items_select ON retail.order_items FOR SELECT TO mcp_tools, mcp_sandbox USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY order_items_select ON retail.order_items IS 'The stores in the scope of the caller.';
CREATE POLICY order_items_update ON retail.order_items FOR UPDATE TO mcp_tools USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[]))) WITH CHECK ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY order_items_update ON retail.order_items IS 'The stores in the scope of the caller.';
GRANT SELECT,DELETE ON TABLE retail.order_items TO mcp_tools;
GRANT SELECT(store_id) ON TABLE retail.order_items TO mcp_sandbox;
GRANT INSERT(store_id) ON TABLE retail.order_items TO mcp_tools;
GRANT SELECT(order_id) ON TABLE retail.order_items TO mcp_sandbox;
GRANT INSERT(order_id) ON TABLE retail.order_items TO mcp_tools;
GRANT SELECT(line_number) ON TABLE retail.order_items TO mcp_sandbox;
GRANT INSERT(line_number) ON TABLE retail.order_items TO mcp_tools;
GRANT SELECT(order_date) ON TABLE retail.order_items TO mcp_sandbox;
GRANT INSERT(order_date) ON TABLE retail.order_items TO mcp_tools;
GRANT SELECT(product_id) ON TABLE retail.order_items TO mcp_sandbox;
GRANT INSERT(product_id),UPDATE(product_id) ON TABLE retail.order_items TO mcp_tools;
GRANT SELECT(quantity) ON TABLE retail.order_items TO mcp_sandbox;
GRANT INSERT(quantity),UPDATE(quantity) ON TABLE retail.order_items TO mcp_tools;
GRANT SELECT(unit_price) ON TABLE retail.order_items TO mcp_sandbox;
GRANT INSERT(unit_price),UPDATE(unit_price) ON TABLE retail.order_items TO mcp_tools;
GRANT SELECT(discount_amount) ON TABLE retail.order_items TO mcp_sandbox;
GRANT INSERT(discount_amount),UPDATE(discount_amount) ON TABLE retail.order_items TO mcp_tools;
GRANT SELECT(line_amount) ON TABLE retail.order_items TO mcp_sandbox;

CREATE TABLE retail.orders (
    store_id uuid NOT NULL,
    order_id uuid DEFAULT mcp_tool.uuidv7() NOT NULL,
    customer_id uuid NOT NULL,
    order_date date NOT NULL,
    ordered_at timestamp with time zone DEFAULT now() NOT NULL,
    status retail.order_status DEFAULT 'pending'::retail.order_status NOT NULL,
    total_amount numeric(12,2) DEFAULT 0 NOT NULL,
    CONSTRAINT orders_total_amount_check CHECK ((total_amount >= (0)::numeric))
);
ALTER TABLE ONLY retail.orders FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.orders OWNER TO zava_owner;
COMMENT ON TABLE retail.orders IS 'One row a sale to a customer.';
COMMENT ON COLUMN retail.orders.store_id IS 'Store.';
COMMENT ON COLUMN retail.orders.order_id IS 'Key within the store.';
COMMENT ON COLUMN retail.orders.customer_id IS 'Customer of the same store.';
COMMENT ON COLUMN retail.orders.order_date IS 'Business day: the day of ordered_at in the store''s time zone. Set by a trigger.';
COMMENT ON COLUMN retail.orders.ordered_at IS 'Moment of the sale.';
COMMENT ON COLUMN retail.orders.status IS 'Whether the goods were delivered.';
COMMENT ON COLUMN retail.orders.total_amount IS 'Sum of the lines, net of discounts. Kept by a trigger.';
ALTER TABLE ONLY retail.orders
    ADD CONSTRAINT orders_order_date_key UNIQUE (store_id, order_id, order_date);
ALTER TABLE ONLY retail.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (store_id, order_id);
CREATE INDEX orders_customer_id_idx ON retail.orders USING btree (store_id, customer_id, order_date);
CREATE INDEX orders_order_date_idx ON retail.orders USING btree (store_id, order_date, customer_id);
CREATE TRIGGER orders_log_delete AFTER DELETE ON retail.orders FOR EACH ROW EXECUTE FUNCTION mcp_tool.log_change('retail', 'change_log', 'store_id', 'orders');
COMMENT ON TRIGGER orders_log_delete ON retail.orders IS 'Writes the change log.';
CREATE TRIGGER orders_log_insert AFTER INSERT ON retail.orders REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.log_inserts('retail', 'change_log', 'store_id', 'orders');
COMMENT ON TRIGGER orders_log_insert ON retail.orders IS 'Writes the change log.';
CREATE TRIGGER orders_log_update AFTER UPDATE ON retail.orders FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION mcp_tool.log_change('retail', 'change_log', 'store_id', 'orders');
COMMENT ON TRIGGER orders_log_update ON retail.orders IS 'Writes the change log.';
CREATE TRIGGER orders_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.orders FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER orders_notify_change ON retail.orders IS 'Invalidates the cached answers of the servers.';
CREATE TRIGGER orders_roll_up_delete AFTER DELETE ON retail.orders REFERENCING OLD TABLE AS old_orders FOR EACH STATEMENT EXECUTE FUNCTION retail.roll_up_orders();
COMMENT ON TRIGGER orders_roll_up_delete ON retail.orders IS 'Keeps rollups.';
CREATE TRIGGER orders_roll_up_insert AFTER INSERT ON retail.orders REFERENCING NEW TABLE AS new_orders FOR EACH STATEMENT EXECUTE FUNCTION retail.roll_up_orders();
COMMENT ON TRIGGER orders_roll_up_insert ON retail.orders IS 'Keeps rollups.';
CREATE TRIGGER orders_roll_up_truncate AFTER TRUNCATE ON retail.orders FOR EACH STATEMENT EXECUTE FUNCTION retail.roll_up_orders();
COMMENT ON TRIGGER orders_roll_up_truncate ON retail.orders IS 'Keeps rollups.';
CREATE TRIGGER orders_roll_up_update AFTER UPDATE ON retail.orders REFERENCING OLD TABLE AS old_orders NEW TABLE AS new_orders FOR EACH STATEMENT EXECUTE FUNCTION retail.roll_up_orders();
COMMENT ON TRIGGER orders_roll_up_update ON retail.orders IS 'Keeps rollups.';
CREATE TRIGGER orders_set_order_date BEFORE INSERT OR UPDATE OF store_id, order_id, ordered_at, order_date ON retail.orders FOR EACH ROW EXECUTE FUNCTION retail.set_order_date();
COMMENT ON TRIGGER orders_set_order_date ON retail.orders IS 'Sets the business day and the first total.';
ALTER TABLE ONLY retail.orders
    ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (store_id, customer_id) REFERENCES retail.customers(store_id, customer_id) ON DELETE RESTRICT;
ALTER TABLE retail.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY orders_delete ON retail.orders FOR DELETE TO mcp_tools USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY orders_delete ON retail.orders IS 'The stores in the scope of the caller.';
CREATE POLICY orders_insert ON retail.orders FOR INSERT TO mcp_tools WITH CHECK ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY orders_insert ON retail.orders IS 'The stores in the scope of the caller.';
CREATE POLICY orders_owner ON retail.orders TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY orders_owner ON retail.orders IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY orders_select ON retail.orders FOR SELECT TO mcp_tools, mcp_sandbox USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY orders_select ON retail.orders IS 'The stores in the scope of the caller.';
CREATE POLICY orders_update ON retail.orders FOR UPDATE TO mcp_tools USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[]))) WITH CHECK ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY orders_update ON retail.orders IS 'The stores in the scope of the caller.';
GRANT SELECT,DELETE ON TABLE retail.orders TO mcp_tools;
GRANT SELECT(store_id) ON TABLE retail.orders TO mcp_sandbox;
GRANT INSERT(store_id) ON TABLE retail.orders TO mcp_tools;
GRANT SELECT(order_id) ON TABLE retail.orders TO mcp_sandbox;
GRANT INSERT(order_id) ON TABLE retail.orders TO mcp_tools;
GRANT SELECT(customer_id) ON TABLE retail.orders TO mcp_sandbox;
GRANT INSERT(customer_id) ON TABLE retail.orders TO mcp_tools;
GRANT SELECT(order_date) ON TABLE retail.orders TO mcp_sandbox;
GRANT SELECT(ordered_at) ON TABLE retail.orders TO mcp_sandbox;
GRANT INSERT(ordered_at),UPDATE(ordered_at) ON TABLE retail.orders TO mcp_tools;
GRANT SELECT(status) ON TABLE retail.orders TO mcp_sandbox;
GRANT INSERT(status),UPDATE(status) ON TABLE retail.orders TO mcp_tools;
GRANT SELECT(total_amount) ON TABLE retail.orders TO mcp_sandbox;

CREATE TABLE retail.product_costs (
    product_id uuid NOT NULL,
    cost numeric(12,2) NOT NULL,
    CONSTRAINT product_costs_cost_check CHECK ((cost > (0)::numeric))
);
ALTER TABLE ONLY retail.product_costs FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.product_costs OWNER TO zava_owner;
COMMENT ON TABLE retail.product_costs IS 'What a product costs the chain. Head office alone.';
COMMENT ON COLUMN retail.product_costs.product_id IS 'Product.';
COMMENT ON COLUMN retail.product_costs.cost IS 'Purchase price of a unit.';
ALTER TABLE ONLY retail.product_costs
    ADD CONSTRAINT product_costs_pkey PRIMARY KEY (product_id);
CREATE TRIGGER product_costs_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.product_costs FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER product_costs_notify_change ON retail.product_costs IS 'Invalidates the cached answers of the servers.';
ALTER TABLE ONLY retail.product_costs
    ADD CONSTRAINT product_costs_product_id_fkey FOREIGN KEY (product_id) REFERENCES retail.products(product_id) ON DELETE RESTRICT;
ALTER TABLE retail.product_costs ENABLE ROW LEVEL SECURITY;
CREATE POLICY product_costs_owner ON retail.product_costs TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY product_costs_owner ON retail.product_costs IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY product_costs_select ON retail.product_costs FOR SELECT TO mcp_tools, mcp_sandbox USING (( SELECT mcp_auth.has_audience('head_office'::name) AS has_audience));
COMMENT ON POLICY product_costs_select ON retail.product_costs IS 'Head office alone.';
GRANT SELECT ON TABLE retail.product_costs TO mcp_tools;
GRANT SELECT(product_id) ON TABLE retail.product_costs TO mcp_sandbox;
GRANT SELECT(cost) ON TABLE retail.product_costs TO mcp_sandbox;

CREATE TABLE retail.product_description_embeddings (
    product_id uuid NOT NULL,
    model text NOT NULL,
    description_embedding ext.vector(1536) NOT NULL,
    source_hash bytea NOT NULL,
    last_updated timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT product_description_embeddings_source_hash_check CHECK ((octet_length(source_hash) = 32))
);
ALTER TABLE ONLY retail.product_description_embeddings ALTER COLUMN description_embedding SET STORAGE PLAIN;
ALTER TABLE ONLY retail.product_description_embeddings FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.product_description_embeddings OWNER TO zava_owner;
COMMENT ON TABLE retail.product_description_embeddings IS 'One row a product and embedding model.';
COMMENT ON COLUMN retail.product_description_embeddings.product_id IS 'Product.';
COMMENT ON COLUMN retail.product_description_embeddings.model IS 'Model that made the vector; vectors of two models are never compared.';
COMMENT ON COLUMN retail.product_description_embeddings.description_embedding IS 'Unit vector, padded with zeros to 1536 numbers.';
COMMENT ON COLUMN retail.product_description_embeddings.source_hash IS 'SHA-256 of the text that was embedded, so that only changed products are embedded again.';
COMMENT ON COLUMN retail.product_description_embeddings.last_updated IS 'When the vector was stored.';
ALTER TABLE ONLY retail.product_description_embeddings
    ADD CONSTRAINT product_description_embeddings_pkey PRIMARY KEY (product_id, model);
CREATE INDEX product_description_embeddings_ivfflat_idx ON retail.product_description_embeddings USING ivfflat (description_embedding ext.vector_cosine_ops) WITH (lists='1');
CREATE TRIGGER product_description_embeddings_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.product_description_embeddings FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER product_description_embeddings_notify_change ON retail.product_description_embeddings IS 'Invalidates the cached answers of the servers.';
ALTER TABLE ONLY retail.product_description_embeddings
    ADD CONSTRAINT product_description_embeddings_product_id_fkey FOREIGN KEY (product_id) REFERENCES retail.products(product_id) ON DELETE RESTRICT;
ALTER TABLE retail.product_description_embeddings ENABLE ROW LEVEL SECURITY;
CREATE POLICY product_description_embeddings_owner ON retail.product_description_embeddings TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY product_description_embeddings_owner ON retail.product_description_embeddings IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY product_description_embeddings_select ON retail.product_description_embeddings FOR SELECT TO mcp_tools, mcp_sandbox USING ((( SELECT retail.get_user_store_list() AS get_user_store_list) IS NOT NULL));
COMMENT ON POLICY product_description_embeddings_select ON retail.product_description_embeddings IS 'Every identified caller; nobody without an identity.';
GRANT SELECT ON TABLE retail.product_description_embeddings TO mcp_tools;
GRANT SELECT(product_id) ON TABLE retail.product_description_embeddings TO mcp_sandbox;
GRANT SELECT(model) ON TABLE retail.product_description_embeddings TO mcp_sandbox;
GRANT SELECT(description_embedding) ON TABLE retail.product_description_embeddings TO mcp_sandbox;
GRANT SELECT(source_hash) ON TABLE retail.product_description_embeddings TO mcp_sandbox;
GRANT SELECT(last_updated) ON TABLE retail.product_description_embeddings TO mcp_sandbox;

CREATE TABLE retail.product_types (
    type_id uuid DEFAULT mcp_tool.uuidv7() NOT NULL,
    category_id uuid NOT NULL,
    name retail.label NOT NULL
);
ALTER TABLE ONLY retail.product_types FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.product_types OWNER TO zava_owner;
COMMENT ON TABLE retail.product_types IS 'One row a kind of product within a category.';
COMMENT ON COLUMN retail.product_types.type_id IS 'Key.';
COMMENT ON COLUMN retail.product_types.category_id IS 'Category.';
COMMENT ON COLUMN retail.product_types.name IS 'Name.';
ALTER TABLE ONLY retail.product_types
    ADD CONSTRAINT product_types_name_key UNIQUE (category_id, name);
ALTER TABLE ONLY retail.product_types
    ADD CONSTRAINT product_types_pkey PRIMARY KEY (type_id);
ALTER TABLE ONLY retail.product_types
    ADD CONSTRAINT product_types_type_id_key UNIQUE (category_id, type_id);
CREATE TRIGGER product_types_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.product_types FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER product_types_notify_change ON retail.product_types IS 'Invalidates the cached answers of the servers.';
CREATE TRIGGER product_types_renew_search_vectors AFTER UPDATE OF name ON retail.product_types FOR EACH ROW WHEN (((old.name)::text IS DISTINCT FROM (new.name)::text)) EXECUTE FUNCTION retail.renew_search_vectors();
COMMENT ON TRIGGER product_types_renew_search_vectors ON retail.product_types IS 'Keeps search_vector of the products.';
ALTER TABLE ONLY retail.product_types
    ADD CONSTRAINT product_types_category_id_fkey FOREIGN KEY (category_id) REFERENCES retail.categories(category_id) ON DELETE RESTRICT;
ALTER TABLE retail.product_types ENABLE ROW LEVEL SECURITY;
CREATE POLICY product_types_owner ON retail.product_types TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY product_types_owner ON retail.product_types IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY product_types_select ON retail.product_types FOR SELECT TO mcp_tools, mcp_sandbox USING ((( SELECT retail.get_user_store_list() AS get_user_store_list) IS NOT NULL));
COMMENT ON POLICY product_types_select ON retail.product_types IS 'Every identified caller; nobody without an identity.';
GRANT SELECT ON TABLE retail.product_types TO mcp_tools;
GRANT SELECT(type_id) ON TABLE retail.product_types TO mcp_sandbox;
GRANT SELECT(category_id) ON TABLE retail.product_types TO mcp_sandbox;
GRANT SELECT(name) ON TABLE retail.product_types TO mcp_sandbox;

CREATE TABLE retail.products (
    product_id uuid DEFAULT mcp_tool.uuidv7() NOT NULL,
    sku text NOT NULL,
    name retail.label NOT NULL,
    description text NOT NULL,
    category_id uuid NOT NULL,
    type_id uuid NOT NULL,
    base_price numeric(12,2) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    search_vector tsvector NOT NULL,
    CONSTRAINT products_base_price_check CHECK ((base_price > (0)::numeric)),
    CONSTRAINT products_sku_check CHECK ((sku ~ '^[A-Z0-9-]{1,40}$'::text))
);
ALTER TABLE ONLY retail.products FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.products OWNER TO zava_owner;
COMMENT ON TABLE retail.products IS 'One row a product. The catalogue is the same for every store.';
COMMENT ON COLUMN retail.products.product_id IS 'Key.';
COMMENT ON COLUMN retail.products.sku IS 'Stock keeping unit, what people quote.';
COMMENT ON COLUMN retail.products.name IS 'Name.';
COMMENT ON COLUMN retail.products.description IS 'Description for shoppers.';
COMMENT ON COLUMN retail.products.category_id IS 'Category.';
COMMENT ON COLUMN retail.products.type_id IS 'Type within the category.';
COMMENT ON COLUMN retail.products.base_price IS 'List price.';
COMMENT ON COLUMN retail.products.created_at IS 'When it was added.';
COMMENT ON COLUMN retail.products.search_vector IS 'For full-text search: SKU and name weigh more than the description, and that more than the names of category and type. Kept by triggers.';
ALTER TABLE ONLY retail.products
    ADD CONSTRAINT products_name_key UNIQUE (name);
ALTER TABLE ONLY retail.products
    ADD CONSTRAINT products_pkey PRIMARY KEY (product_id);
ALTER TABLE ONLY retail.products
    ADD CONSTRAINT products_sku_key UNIQUE (sku);
CREATE INDEX products_base_price_idx ON retail.products USING btree (base_price);
CREATE INDEX products_category_id_base_price_idx ON retail.products USING btree (category_id, base_price) INCLUDE (product_id);
CREATE INDEX products_name_idx ON retail.products USING btree (lower((name)::text));
CREATE INDEX products_search_vector_idx ON retail.products USING gin (search_vector);
CREATE INDEX products_type_id_idx ON retail.products USING btree (category_id, type_id);
CREATE TRIGGER products_count_search_words_delete AFTER DELETE ON retail.products REFERENCING OLD TABLE AS old_products FOR EACH STATEMENT EXECUTE FUNCTION retail.count_search_words();
COMMENT ON TRIGGER products_count_search_words_delete ON retail.products IS 'Keeps search_words.';
CREATE TRIGGER products_count_search_words_insert AFTER INSERT ON retail.products REFERENCING NEW TABLE AS new_products FOR EACH STATEMENT EXECUTE FUNCTION retail.count_search_words();
COMMENT ON TRIGGER products_count_search_words_insert ON retail.products IS 'Keeps search_words.';
CREATE TRIGGER products_count_search_words_truncate AFTER TRUNCATE ON retail.products FOR EACH STATEMENT EXECUTE FUNCTION retail.count_search_words();
COMMENT ON TRIGGER products_count_search_words_truncate ON retail.products IS 'Keeps search_words.';
CREATE TRIGGER products_count_search_words_update AFTER UPDATE ON retail.products REFERENCING OLD TABLE AS old_products NEW TABLE AS new_products FOR EACH STATEMENT EXECUTE FUNCTION retail.count_search_words();
COMMENT ON TRIGGER products_count_search_words_update ON retail.products IS 'Keeps search_words.';
CREATE TRIGGER products_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.products FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER products_notify_change ON retail.products IS 'Invalidates the cached answers of the servers.';
CREATE TRIGGER products_set_search_vector BEFORE INSERT OR UPDATE OF sku, name, description, category_id, type_id, search_vector ON retail.products FOR EACH ROW EXECUTE FUNCTION retail.set_search_vector();
COMMENT ON TRIGGER products_set_search_vector ON retail.products IS 'Sets search_vector.';
ALTER TABLE ONLY retail.products
    ADD CONSTRAINT products_type_id_fkey FOREIGN KEY (category_id, type_id) REFERENCES retail.product_types(category_id, type_id) ON DELETE RESTRICT;
ALTER TABLE retail.products ENABLE ROW LEVEL SECURITY;
CREATE POLICY products_owner ON retail.products TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY products_owner ON retail.products IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY products_select ON retail.products FOR SELECT TO mcp_tools, mcp_sandbox USING ((( SELECT retail.get_user_store_list() AS get_user_store_list) IS NOT NULL));
COMMENT ON POLICY products_select ON retail.products IS 'Every identified caller; nobody without an identity.';
GRANT SELECT ON TABLE retail.products TO mcp_tools;
GRANT SELECT(product_id) ON TABLE retail.products TO mcp_sandbox;
GRANT SELECT(sku) ON TABLE retail.products TO mcp_sandbox;
GRANT SELECT(name) ON TABLE retail.products TO mcp_sandbox;
GRANT SELECT(description) ON TABLE retail.products TO mcp_sandbox;
GRANT SELECT(category_id) ON TABLE retail.products TO mcp_sandbox;
GRANT SELECT(type_id) ON TABLE retail.products TO mcp_sandbox;
GRANT SELECT(base_price) ON TABLE retail.products TO mcp_sandbox;
GRANT SELECT(created_at) ON TABLE retail.products TO mcp_sandbox;
GRANT SELECT(search_vector) ON TABLE retail.products TO mcp_sandbox;

CREATE TABLE retail.regions (
    region_id uuid DEFAULT mcp_tool.uuidv7() NOT NULL,
    name retail.label NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE ONLY retail.regions FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.regions OWNER TO zava_owner;
COMMENT ON TABLE retail.regions IS 'One row a region of the chain.';
COMMENT ON COLUMN retail.regions.region_id IS 'Key.';
COMMENT ON COLUMN retail.regions.name IS 'Name.';
COMMENT ON COLUMN retail.regions.created_at IS 'When it was added.';
ALTER TABLE ONLY retail.regions
    ADD CONSTRAINT regions_name_key UNIQUE (name);
ALTER TABLE ONLY retail.regions
    ADD CONSTRAINT regions_pkey PRIMARY KEY (region_id);
CREATE TRIGGER regions_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.regions FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER regions_notify_change ON retail.regions IS 'Invalidates the cached answers of the servers.';
ALTER TABLE retail.regions ENABLE ROW LEVEL SECURITY;
CREATE POLICY regions_owner ON retail.regions TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY regions_owner ON retail.regions IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY regions_select ON retail.regions FOR SELECT TO mcp_tools, mcp_sandbox USING ((region_id IN ( SELECT s.region_id
   FROM retail.stores s)));
COMMENT ON POLICY regions_select ON retail.regions IS 'Regions with a store that the caller may see.';
GRANT SELECT ON TABLE retail.regions TO mcp_tools;
GRANT SELECT(region_id) ON TABLE retail.regions TO mcp_sandbox;
GRANT SELECT(name) ON TABLE retail.regions TO mcp_sandbox;
GRANT SELECT(created_at) ON TABLE retail.regions TO mcp_sandbox;

CREATE TABLE retail.search_words (
    word text NOT NULL,
    product_count bigint NOT NULL
);
ALTER TABLE ONLY retail.search_words FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.search_words OWNER TO zava_owner;
COMMENT ON TABLE retail.search_words IS 'One row a word of the catalogue, so that a search knows which words are rare. Kept by triggers.';
COMMENT ON COLUMN retail.search_words.word IS 'Word as full-text search keeps it; the empty one stands for all products.';
COMMENT ON COLUMN retail.search_words.product_count IS 'Products that have it.';
ALTER TABLE ONLY retail.search_words
    ADD CONSTRAINT search_words_pkey PRIMARY KEY (word);
ALTER TABLE retail.search_words ENABLE ROW LEVEL SECURITY;
CREATE POLICY search_words_owner ON retail.search_words TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY search_words_owner ON retail.search_words IS 'Trigger functions and searches, which run as the owner, see every row.';

CREATE TABLE retail.stores (
    store_id uuid DEFAULT mcp_tool.uuidv7() NOT NULL,
    name retail.label NOT NULL,
    location retail.label NOT NULL,
    time_zone text NOT NULL,
    region_id uuid NOT NULL,
    manager_id uuid NOT NULL,
    is_online boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    sales_closed_until date,
    CONSTRAINT stores_time_zone_check CHECK ((timezone(time_zone, '1970-01-01 00:00:00+00'::timestamp with time zone) IS NOT NULL))
);
ALTER TABLE ONLY retail.stores FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.stores OWNER TO zava_owner;
COMMENT ON TABLE retail.stores IS 'One row a store, the online shop among them.';
COMMENT ON COLUMN retail.stores.store_id IS 'Key.';
COMMENT ON COLUMN retail.stores.name IS 'Name.';
COMMENT ON COLUMN retail.stores.location IS 'City and state, or Online.';
COMMENT ON COLUMN retail.stores.time_zone IS 'IANA name; a business day of the store is a day in it.';
COMMENT ON COLUMN retail.stores.region_id IS 'Region.';
COMMENT ON COLUMN retail.stores.manager_id IS 'Who answers for the store.';
COMMENT ON COLUMN retail.stores.is_online IS 'Whether it sells on line.';
COMMENT ON COLUMN retail.stores.created_at IS 'When it was added.';
COMMENT ON COLUMN retail.stores.sales_closed_until IS 'Last business day that year_to_date_sales has; null none. retail.close_days() moves it on.';
ALTER TABLE ONLY retail.stores
    ADD CONSTRAINT stores_name_key UNIQUE (name);
ALTER TABLE ONLY retail.stores
    ADD CONSTRAINT stores_pkey PRIMARY KEY (store_id);
CREATE INDEX stores_manager_id_idx ON retail.stores USING btree (manager_id);
CREATE INDEX stores_region_id_idx ON retail.stores USING btree (region_id);
CREATE TRIGGER stores_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.stores FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER stores_notify_change ON retail.stores IS 'Invalidates the cached answers of the servers.';
CREATE TRIGGER stores_redate_orders AFTER UPDATE OF time_zone ON retail.stores FOR EACH ROW WHEN ((old.time_zone IS DISTINCT FROM new.time_zone)) EXECUTE FUNCTION retail.redate_orders();
COMMENT ON TRIGGER stores_redate_orders ON retail.stores IS 'Moves the orders to the business days of the new time zone.';
ALTER TABLE ONLY retail.stores
    ADD CONSTRAINT stores_manager_id_fkey FOREIGN KEY (manager_id) REFERENCES mcp_auth.users(user_id) ON DELETE RESTRICT;
ALTER TABLE ONLY retail.stores
    ADD CONSTRAINT stores_region_id_fkey FOREIGN KEY (region_id) REFERENCES retail.regions(region_id) ON DELETE RESTRICT;
ALTER TABLE retail.stores ENABLE ROW LEVEL SECURITY;
CREATE POLICY stores_owner ON retail.stores TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY stores_owner ON retail.stores IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY stores_select ON retail.stores FOR SELECT TO mcp_tools, mcp_sandbox USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY stores_select ON retail.stores IS 'The stores in the scope of the caller.';
GRANT SELECT ON TABLE retail.stores TO mcp_tools;
GRANT SELECT(store_id) ON TABLE retail.stores TO mcp_sandbox;
GRANT SELECT(name) ON TABLE retail.stores TO mcp_sandbox;
GRANT SELECT(location) ON TABLE retail.stores TO mcp_sandbox;
GRANT SELECT(time_zone) ON TABLE retail.stores TO mcp_sandbox;
GRANT SELECT(region_id) ON TABLE retail.stores TO mcp_sandbox;
GRANT SELECT(manager_id) ON TABLE retail.stores TO mcp_sandbox;
GRANT SELECT(is_online) ON TABLE retail.stores TO mcp_sandbox;
GRANT SELECT(created_at) ON TABLE retail.stores TO mcp_sandbox;
GRANT SELECT(sales_closed_until) ON TABLE retail.stores TO mcp_sandbox;

CREATE TABLE retail.year_to_date_sales (
    store_id uuid NOT NULL,
    sales_date date NOT NULL,
    product_id uuid NOT NULL,
    line_count integer NOT NULL,
    units bigint NOT NULL,
    gross_amount numeric(14,2) NOT NULL,
    discount_amount numeric(14,2) NOT NULL,
    net_amount numeric(14,2) GENERATED ALWAYS AS ((gross_amount - discount_amount)) STORED NOT NULL,
    CONSTRAINT year_to_date_sales_line_count_check CHECK ((line_count >= 0))
);
ALTER TABLE ONLY retail.year_to_date_sales FORCE ROW LEVEL SECURITY;
ALTER TABLE retail.year_to_date_sales OWNER TO zava_owner;
COMMENT ON TABLE retail.year_to_date_sales IS 'One row a store, closed business day and product that was sold in its year up to it: sums over order_items from the first of January, kept by retail.close_days() and triggers.';
COMMENT ON COLUMN retail.year_to_date_sales.store_id IS 'Store.';
COMMENT ON COLUMN retail.year_to_date_sales.sales_date IS 'Business day up to which it is summed up, itself whole.';
COMMENT ON COLUMN retail.year_to_date_sales.product_id IS 'Product.';
COMMENT ON COLUMN retail.year_to_date_sales.line_count IS 'Order lines.';
COMMENT ON COLUMN retail.year_to_date_sales.units IS 'Units sold.';
COMMENT ON COLUMN retail.year_to_date_sales.gross_amount IS 'Sales before discounts.';
COMMENT ON COLUMN retail.year_to_date_sales.discount_amount IS 'Discounts.';
COMMENT ON COLUMN retail.year_to_date_sales.net_amount IS 'Sales net of discounts: the revenue.';
ALTER TABLE ONLY retail.year_to_date_sales
    ADD CONSTRAINT year_to_date_sales_pkey PRIMARY KEY (store_id, sales_date, product_id);
CREATE TRIGGER year_to_date_sales_notify_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON retail.year_to_date_sales FOR EACH STATEMENT EXECUTE FUNCTION mcp_tool.notify_change();
COMMENT ON TRIGGER year_to_date_sales_notify_change ON retail.year_to_date_sales IS 'Invalidates the cached answers of the servers.';
ALTER TABLE retail.year_to_date_sales ENABLE ROW LEVEL SECURITY;
CREATE POLICY year_to_date_sales_owner ON retail.year_to_date_sales TO zava_owner USING (true) WITH CHECK (true);
COMMENT ON POLICY year_to_date_sales_owner ON retail.year_to_date_sales IS 'Trigger functions and the demo generator, which run as the owner, see every row.';
CREATE POLICY year_to_date_sales_select ON retail.year_to_date_sales FOR SELECT TO mcp_tools, mcp_sandbox USING ((store_id = ANY (( SELECT retail.get_user_store_list() AS get_user_store_list)::uuid[])));
COMMENT ON POLICY year_to_date_sales_select ON retail.year_to_date_sales IS 'The stores in the scope of the caller.';
GRANT SELECT ON TABLE retail.year_to_date_sales TO mcp_tools;
GRANT SELECT(store_id) ON TABLE retail.year_to_date_sales TO mcp_sandbox;
GRANT SELECT(sales_date) ON TABLE retail.year_to_date_sales TO mcp_sandbox;
GRANT SELECT(product_id) ON TABLE retail.year_to_date_sales TO mcp_sandbox;
GRANT SELECT(line_count) ON TABLE retail.year_to_date_sales TO mcp_sandbox;
GRANT SELECT(units) ON TABLE retail.year_to_date_sales TO mcp_sandbox;
GRANT SELECT(gross_amount) ON TABLE retail.year_to_date_sales TO mcp_sandbox;
GRANT SELECT(discount_amount) ON TABLE retail.year_to_date_sales TO mcp_sandbox;
GRANT SELECT(net_amount) ON TABLE retail.year_to_date_sales TO mcp_sandbox;

CREATE VIEW retail.check_embedding_index WITH (security_invoker='true') AS
 SELECT model AS object,
    (
        CASE
            WHEN (measured = 0) THEN format('the recall of searches by its %s vectors was never measured'::text, vectors)
            ELSE format('the recall of searches was measured with %s vectors, and there are %s now'::text, measured, vectors)
        END || ': run select retail.tune_embedding_index()'::text) AS problem
   FROM ( SELECT m.model,
                CASE
                    WHEN (m.recall IS NULL) THEN 0
                    ELSE m.product_count
                END AS measured,
            ( SELECT count(*) AS count
                   FROM retail.product_description_embeddings e
                  WHERE (e.model = m.model)) AS vectors
           FROM retail.embedding_models m
          WHERE m.is_active) i
  WHERE (((vectors)::numeric > (1.5 * (measured)::numeric)) AND ((measured = 0) OR (retail.embedding_lists(vectors) > 0)));
ALTER VIEW retail.check_embedding_index OWNER TO zava_owner;
COMMENT ON VIEW retail.check_embedding_index IS 'The active model, if the recall of its searches was never measured, or its vectors have grown by more than half since then.';
COMMENT ON COLUMN retail.check_embedding_index.object IS 'Model.';
COMMENT ON COLUMN retail.check_embedding_index.problem IS 'What is wrong, and the statement that fixes it.';

CREATE VIEW retail.check_rollups WITH (security_invoker='true') AS
 WITH differences AS (
         SELECT 'retail.daily_sales'::text AS object,
            count(*) AS row_count
           FROM (retail.daily_sales r
             FULL JOIN retail.expected_daily_sales e ON (((r.store_id = e.store_id) AND (r.sales_date = e.sales_date) AND (r.product_id = e.product_id))))
          WHERE ((((r.line_count IS DISTINCT FROM e.line_count) OR (r.units IS DISTINCT FROM e.units)) OR (r.gross_amount IS DISTINCT FROM e.gross_amount)) OR (r.discount_amount IS DISTINCT FROM e.discount_amount))
        UNION ALL
         SELECT 'retail.year_to_date_sales'::text,
            count(*) AS count
           FROM (retail.year_to_date_sales r
             FULL JOIN retail.expected_year_to_date_sales e ON (((r.store_id = e.store_id) AND (r.sales_date = e.sales_date) AND (r.product_id = e.product_id))))
          WHERE ((((r.line_count IS DISTINCT FROM e.line_count) OR (r.units IS DISTINCT FROM e.units)) OR (r.gross_amount IS DISTINCT FROM e.gross_amount)) OR (r.discount_amount IS DISTINCT FROM e.discount_amount))
        UNION ALL
         SELECT 'retail.daily_totals'::text,
            count(*) AS count
           FROM (retail.daily_totals r
             FULL JOIN retail.expected_daily_totals e ON (((r.store_id = e.store_id) AND (r.sales_date = e.sales_date))))
          WHERE (((((r.order_count IS DISTINCT FROM e.order_count) OR (r.line_count IS DISTINCT FROM e.line_count)) OR (r.units IS DISTINCT FROM e.units)) OR (r.gross_amount IS DISTINCT FROM e.gross_amount)) OR (r.discount_amount IS DISTINCT FROM e.discount_amount))
        UNION ALL
         SELECT 'retail.customer_sales'::text,
            count(*) AS count
           FROM (retail.customer_sales r
             FULL JOIN retail.expected_customer_sales e ON (((r.store_id = e.store_id) AND (r.customer_id = e.customer_id))))
          WHERE ((((r.order_count IS DISTINCT FROM e.order_count) OR (r.net_amount IS DISTINCT FROM e.net_amount)) OR (r.first_order_date IS DISTINCT FROM e.first_order_date)) OR (r.last_order_date IS DISTINCT FROM e.last_order_date))
        UNION ALL
         SELECT 'retail.orders.total_amount'::text,
            count(*) AS count
           FROM (retail.orders r
             LEFT JOIN ( SELECT i.store_id,
                    i.order_id,
                    sum(i.line_amount) AS amount
                   FROM retail.order_items i
                  GROUP BY i.store_id, i.order_id) e ON (((r.store_id = e.store_id) AND (r.order_id = e.order_id))))
          WHERE (r.total_amount <> COALESCE(e.amount, (0)::numeric))
        UNION ALL
         SELECT 'retail.orders.order_date'::text,
            count(*) AS count
           FROM (retail.orders r
             JOIN retail.stores s ON ((r.store_id = s.store_id)))
          WHERE (r.order_date <> ((r.ordered_at AT TIME ZONE s.time_zone))::date)
        )
 SELECT object,
    format('%s not what the sales add up to: select retail.rebuild_daily_sales()'::text,
        CASE row_count
            WHEN 1 THEN '1 row is'::text
            ELSE (row_count || ' rows are'::text)
        END) AS problem
   FROM differences d
  WHERE (row_count > 0);
ALTER VIEW retail.check_rollups OWNER TO zava_owner;
COMMENT ON VIEW retail.check_rollups IS 'Rollups, totals and business days that differ from what the orders and their lines say. Reads every line: zava-mcp migrate verify asks it, apply does not.';
COMMENT ON COLUMN retail.check_rollups.object IS 'What it is about.';
COMMENT ON COLUMN retail.check_rollups.problem IS 'What is wrong, and what to change.';

CREATE VIEW retail.expected_customer_sales WITH (security_invoker='true') AS
 SELECT store_id,
    customer_id,
    (count(*))::integer AS order_count,
    sum(total_amount) AS net_amount,
    min(order_date) AS first_order_date,
    max(order_date) AS last_order_date
   FROM retail.orders o
  GROUP BY store_id, customer_id;
ALTER VIEW retail.expected_customer_sales OWNER TO zava_owner;
COMMENT ON VIEW retail.expected_customer_sales IS 'What retail.customer_sales has to hold, straight from the orders.';
COMMENT ON COLUMN retail.expected_customer_sales.store_id IS 'Store.';
COMMENT ON COLUMN retail.expected_customer_sales.customer_id IS 'Customer of the store.';
COMMENT ON COLUMN retail.expected_customer_sales.order_count IS 'Orders.';
COMMENT ON COLUMN retail.expected_customer_sales.net_amount IS 'Sales net of discounts, in US dollars.';
COMMENT ON COLUMN retail.expected_customer_sales.first_order_date IS 'Business day of the first order.';
COMMENT ON COLUMN retail.expected_customer_sales.last_order_date IS 'Business day of the last order.';

CREATE VIEW retail.expected_daily_sales WITH (security_invoker='true') AS
 SELECT store_id,
    order_date AS sales_date,
    product_id,
    (count(*))::integer AS line_count,
    sum(quantity) AS units,
    sum(((quantity)::numeric * unit_price)) AS gross_amount,
    sum(discount_amount) AS discount_amount
   FROM retail.order_items i
  GROUP BY store_id, order_date, product_id;
ALTER VIEW retail.expected_daily_sales OWNER TO zava_owner;
COMMENT ON VIEW retail.expected_daily_sales IS 'What retail.daily_sales has to hold, straight from the lines.';
COMMENT ON COLUMN retail.expected_daily_sales.store_id IS 'Store.';
COMMENT ON COLUMN retail.expected_daily_sales.sales_date IS 'Business day.';
COMMENT ON COLUMN retail.expected_daily_sales.product_id IS 'Product.';
COMMENT ON COLUMN retail.expected_daily_sales.line_count IS 'Order lines.';
COMMENT ON COLUMN retail.expected_daily_sales.units IS 'Units sold.';
COMMENT ON COLUMN retail.expected_daily_sales.gross_amount IS 'Sales before discounts, in US dollars.';
COMMENT ON COLUMN retail.expected_daily_sales.discount_amount IS 'Discounts, in US dollars.';

CREATE VIEW retail.expected_daily_totals WITH (security_invoker='true') AS
 SELECT store_id,
    order_date AS sales_date,
    (sum(order_count))::integer AS order_count,
    (sum(line_count))::integer AS line_count,
    (sum(units))::bigint AS units,
    sum(gross_amount) AS gross_amount,
    sum(discount_amount) AS discount_amount
   FROM ( SELECT r.store_id,
            r.order_date,
            count(*) AS order_count,
            0 AS line_count,
            0 AS units,
            0 AS gross_amount,
            0 AS discount_amount
           FROM retail.orders r
          GROUP BY r.store_id, r.order_date
        UNION ALL
         SELECT i.store_id,
            i.order_date,
            0,
            count(*) AS count,
            sum(i.quantity) AS sum,
            sum(((i.quantity)::numeric * i.unit_price)) AS sum,
            sum(i.discount_amount) AS sum
           FROM retail.order_items i
          GROUP BY i.store_id, i.order_date) o
  GROUP BY store_id, order_date;
ALTER VIEW retail.expected_daily_totals OWNER TO zava_owner;
COMMENT ON VIEW retail.expected_daily_totals IS 'What retail.daily_totals has to hold, straight from the orders and their lines.';
COMMENT ON COLUMN retail.expected_daily_totals.store_id IS 'Store.';
COMMENT ON COLUMN retail.expected_daily_totals.sales_date IS 'Business day.';
COMMENT ON COLUMN retail.expected_daily_totals.order_count IS 'Orders.';
COMMENT ON COLUMN retail.expected_daily_totals.line_count IS 'Order lines.';
COMMENT ON COLUMN retail.expected_daily_totals.units IS 'Units sold.';
COMMENT ON COLUMN retail.expected_daily_totals.gross_amount IS 'Sales before discounts, in US dollars.';
COMMENT ON COLUMN retail.expected_daily_totals.discount_amount IS 'Discounts, in US dollars.';

CREATE VIEW retail.expected_year_to_date_sales WITH (security_invoker='true') AS
 WITH sold AS (
         SELECT i.store_id,
            i.order_date,
            i.product_id,
            ((date_trunc('year'::text, (i.order_date)::timestamp without time zone) + '1 year'::interval))::date AS next_year,
            s.sales_closed_until,
            (count(*))::integer AS line_count,
            sum(i.quantity) AS units,
            sum(((i.quantity)::numeric * i.unit_price)) AS gross_amount,
            sum(i.discount_amount) AS discount_amount
           FROM (retail.stores s
             JOIN retail.order_items i ON (((s.store_id = i.store_id) AND (s.sales_closed_until >= i.order_date))))
          GROUP BY i.store_id, i.order_date, i.product_id, s.sales_closed_until
        ), reached AS (
         SELECT d.store_id,
            d.product_id,
            d.order_date AS from_date,
            LEAST((lead(d.order_date, 1, d.next_year) OVER upto - 1), d.sales_closed_until) AS to_date,
            sum(d.line_count) OVER upto AS line_count,
            sum(d.units) OVER upto AS units,
            sum(d.gross_amount) OVER upto AS gross_amount,
            sum(d.discount_amount) OVER upto AS discount_amount
           FROM sold d
          WINDOW upto AS (PARTITION BY d.store_id, d.product_id, d.next_year ORDER BY d.order_date)
        )
 SELECT r.store_id,
    (r.from_date + n.days) AS sales_date,
    r.product_id,
    (r.line_count)::integer AS line_count,
    (r.units)::bigint AS units,
    r.gross_amount,
    r.discount_amount
   FROM (reached r
     CROSS JOIN LATERAL generate_series(0, (r.to_date - r.from_date)) n(days));
ALTER VIEW retail.expected_year_to_date_sales OWNER TO zava_owner;
COMMENT ON VIEW retail.expected_year_to_date_sales IS 'What retail.year_to_date_sales has to hold, straight from the lines.';
COMMENT ON COLUMN retail.expected_year_to_date_sales.store_id IS 'Store.';
COMMENT ON COLUMN retail.expected_year_to_date_sales.sales_date IS 'Business day up to which it is summed up.';
COMMENT ON COLUMN retail.expected_year_to_date_sales.product_id IS 'Product.';
COMMENT ON COLUMN retail.expected_year_to_date_sales.line_count IS 'Order lines.';
COMMENT ON COLUMN retail.expected_year_to_date_sales.units IS 'Units sold.';
COMMENT ON COLUMN retail.expected_year_to_date_sales.gross_amount IS 'Sales before discounts, in US dollars.';
COMMENT ON COLUMN retail.expected_year_to_date_sales.discount_amount IS 'Discounts, in US dollars.';

CREATE FUNCTION retail.category_named(category text) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.category_named(category text) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.category_named(category text) IS 'Return the category that a tool is asked about.';
REVOKE ALL ON FUNCTION retail.category_named(category text) FROM PUBLIC;

CREATE FUNCTION retail.category_sales(spans retail.store_span[]) RETURNS TABLE(category text, revenue numeric, units bigint, products bigint, margin numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.category_sales(spans retail.store_span[]) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.category_sales(spans retail.store_span[]) IS 'Return what some stores together sold of each category.';
REVOKE ALL ON FUNCTION retail.category_sales(spans retail.store_span[]) FROM PUBLIC;

CREATE FUNCTION retail.change_closed_days(changes retail.daily_sales[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.change_closed_days(changes retail.daily_sales[]) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.change_closed_days(changes retail.daily_sales[]) IS 'Add what changed on closed days to their sums in retail.year_to_date_sales, and to those of the days after them; where it is much, as when a store gets another time zone, open the days again for the next retail.close_days().';
REVOKE ALL ON FUNCTION retail.change_closed_days(changes retail.daily_sales[]) FROM PUBLIC;

CREATE FUNCTION retail.change_stock(store_id uuid, sku retail.sku, change retail.stock_change, reason retail.reason, idempotency_key mcp_tool.idempotency_key) RETURNS retail.adjusted_stock
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.change_stock(store_id uuid, sku retail.sku, change retail.stock_change, reason retail.reason, idempotency_key mcp_tool.idempotency_key) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.change_stock(store_id uuid, sku retail.sku, change retail.stock_change, reason retail.reason, idempotency_key mcp_tool.idempotency_key) IS 'Change a store''s stock of a product. A product that the store does not carry yet, it carries from now on.';
REVOKE ALL ON FUNCTION retail.change_stock(store_id uuid, sku retail.sku, change retail.stock_change, reason retail.reason, idempotency_key mcp_tool.idempotency_key) FROM PUBLIC;

CREATE FUNCTION retail.close_days(until date DEFAULT NULL::date, max_days integer DEFAULT NULL::integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '2s';
ALTER FUNCTION retail.close_days(until date, max_days integer) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.close_days(until date, max_days integer) IS 'Sum up in retail.year_to_date_sales the days that are over, so that questions about products are answered from it.';
REVOKE ALL ON FUNCTION retail.close_days(until date, max_days integer) FROM PUBLIC;

CREATE FUNCTION retail.compared_sales(spans retail.store_span[], previous_spans retail.store_span[]) RETURNS TABLE(store_id uuid, product_id uuid, line_count integer, units bigint, net_amount numeric, previous_net_amount numeric)
    LANGUAGE sql STABLE;
ALTER FUNCTION retail.compared_sales(spans retail.store_span[], previous_spans retail.store_span[]) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.compared_sales(spans retail.store_span[], previous_spans retail.store_span[]) IS 'Return signed rows as retail.signed_sales(spans) does, for two spans of days at once.';
REVOKE ALL ON FUNCTION retail.compared_sales(spans retail.store_span[], previous_spans retail.store_span[]) FROM PUBLIC;

CREATE FUNCTION retail.count_search_words() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.count_search_words() OWNER TO zava_owner;
COMMENT ON FUNCTION retail.count_search_words() IS 'Keep retail.search_words exact when products are inserted, updated, deleted or truncated.';
REVOKE ALL ON FUNCTION retail.count_search_words() FROM PUBLIC;

CREATE FUNCTION retail.customer_activity(spans retail.store_span[]) RETURNS TABLE(store_id uuid, customer_id uuid, orders bigint, revenue numeric, last_order_date date, is_new boolean, segment retail.customer_segment)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.customer_activity(spans retail.store_span[]) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.customer_activity(spans retail.store_span[]) IS 'Return the customers who bought, and which segment each belongs to by recency, frequency and money (RFM).';
REVOKE ALL ON FUNCTION retail.customer_activity(spans retail.store_span[]) FROM PUBLIC;

CREATE FUNCTION retail.customer_analysis(asked retail.report_period) RETURNS retail.customer_analysis
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.customer_analysis(asked retail.report_period) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.customer_analysis(asked retail.report_period) IS 'Return who bought: new and returning customers, and the segments of retail.customer_activity.';
REVOKE ALL ON FUNCTION retail.customer_analysis(asked retail.report_period) FROM PUBLIC;

CREATE FUNCTION retail.customer_insights(analysis retail.customer_analysis) RETURNS retail.insight[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.customer_insights(analysis retail.customer_analysis) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.customer_insights(analysis retail.customer_analysis) IS 'Return sentences about the customers.';
REVOKE ALL ON FUNCTION retail.customer_insights(analysis retail.customer_analysis) FROM PUBLIC;

CREATE FUNCTION retail.embedding_index_memory(vectors bigint, lists integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.embedding_index_memory(vectors bigint, lists integer) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.embedding_index_memory(vectors bigint, lists integer) IS 'Return the memory, in kilobytes, that pgvector needs to find the centres of an ivfflat index of vectors of 1536 numbers.';
REVOKE ALL ON FUNCTION retail.embedding_index_memory(vectors bigint, lists integer) FROM PUBLIC;

CREATE FUNCTION retail.embedding_lists(vectors bigint) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.embedding_lists(vectors bigint) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.embedding_lists(vectors bigint) IS 'Return how many lists an ivfflat index over some vectors should have.';
REVOKE ALL ON FUNCTION retail.embedding_lists(vectors bigint) FROM PUBLIC;

CREATE FUNCTION retail.embedding_source(product_id uuid) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.embedding_source(product_id uuid) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.embedding_source(product_id uuid) IS 'Return the text of a product that is embedded: name, category, type and description.';
REVOKE ALL ON FUNCTION retail.embedding_source(product_id uuid) FROM PUBLIC;

CREATE FUNCTION retail.filtered_products(wanted retail.product_filter, few integer) RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.filtered_products(wanted retail.product_filter, few integer) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.filtered_products(wanted retail.product_filter, few integer) IS 'Return the products that pass a filter, if they are few enough to compare all of them.';
REVOKE ALL ON FUNCTION retail.filtered_products(wanted retail.product_filter, few integer) FROM PUBLIC;
GRANT ALL ON FUNCTION retail.filtered_products(wanted retail.product_filter, few integer) TO mcp_tools;

CREATE FUNCTION retail.find_products(query text, query_embedding retail.embedding, model text, similarity_threshold double precision, wanted retail.product_filter, max_results integer) RETURNS retail.product_search
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'ext', 'pg_temp';
ALTER FUNCTION retail.find_products(query text, query_embedding retail.embedding, model text, similarity_threshold double precision, wanted retail.product_filter, max_results integer) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.find_products(query text, query_embedding retail.embedding, model text, similarity_threshold double precision, wanted retail.product_filter, max_results integer) IS 'Rank products by meaning and by words, and fuse the two rankings by reciprocal rank. A product that the query names comes first.';
REVOKE ALL ON FUNCTION retail.find_products(query text, query_embedding retail.embedding, model text, similarity_threshold double precision, wanted retail.product_filter, max_results integer) FROM PUBLIC;
GRANT ALL ON FUNCTION retail.find_products(query text, query_embedding retail.embedding, model text, similarity_threshold double precision, wanted retail.product_filter, max_results integer) TO mcp_tools;

CREATE FUNCTION retail.finish_embeddings(model text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'ext', 'pg_temp';
ALTER FUNCTION retail.finish_embeddings(model text) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.finish_embeddings(model text) IS 'Make a model the one that searches use: measure the similarity that unrelated products of it have, build and measure its index, and change over to it at once. What is up to date stays as it is.';
REVOKE ALL ON FUNCTION retail.finish_embeddings(model text) FROM PUBLIC;
GRANT ALL ON FUNCTION retail.finish_embeddings(model text) TO mcp_core;

CREATE FUNCTION retail.format_money(amount numeric) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.format_money(amount numeric) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.format_money(amount numeric) IS 'Return an amount in US dollars for sentences, like $1,234.50 or -$12.30.';
REVOKE ALL ON FUNCTION retail.format_money(amount numeric) FROM PUBLIC;

CREATE FUNCTION retail.get_current_user_store() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.get_current_user_store() OWNER TO mcp_core;
COMMENT ON FUNCTION retail.get_current_user_store() IS 'Return the store manager''s own store, for defaults and for what never leaves a store.';
REVOKE ALL ON FUNCTION retail.get_current_user_store() FROM PUBLIC;
GRANT ALL ON FUNCTION retail.get_current_user_store() TO mcp_tools, mcp_sandbox;

CREATE FUNCTION retail.get_user_store_list() RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.get_user_store_list() OWNER TO mcp_core;
COMMENT ON FUNCTION retail.get_user_store_list() IS 'Return the stores the caller may see: one for a store manager, several for a regional manager, all for head office.';
REVOKE ALL ON FUNCTION retail.get_user_store_list() FROM PUBLIC;
GRANT ALL ON FUNCTION retail.get_user_store_list() TO mcp_tools, mcp_sandbox, zava_owner;

CREATE FUNCTION retail.maintain() RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.maintain() OWNER TO zava_owner;
COMMENT ON FUNCTION retail.maintain() IS 'Do the hourly upkeep of the shop for mcp.maintain(): close the days that are over, and tune the vector index when it is due (retail.check_embedding_index) and can be done within the time of a call: of 50,000 vectors at most.';
REVOKE ALL ON FUNCTION retail.maintain() FROM PUBLIC;
GRANT ALL ON FUNCTION retail.maintain() TO mcp_core;

CREATE FUNCTION retail.named_stores(store text) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.named_stores(store text) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.named_stores(store text) IS 'Return the stores that a question is about.';
REVOKE ALL ON FUNCTION retail.named_stores(store text) FROM PUBLIC;

CREATE FUNCTION retail.nearest_vectors(model text, samples uuid[], probes integer) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'ext', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off';
ALTER FUNCTION retail.nearest_vectors(model text, samples uuid[], probes integer) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.nearest_vectors(model text, samples uuid[], probes integer) IS 'Return the ten products nearest to each of some others, as a search of this many probes finds them.';
REVOKE ALL ON FUNCTION retail.nearest_vectors(model text, samples uuid[], probes integer) FROM PUBLIC;

CREATE FUNCTION retail.pending_embeddings(model text, batch integer) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.pending_embeddings(model text, batch integer) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.pending_embeddings(model text, batch integer) IS 'Products whose text has no vector of a model, or changed since it was embedded.';
REVOKE ALL ON FUNCTION retail.pending_embeddings(model text, batch integer) FROM PUBLIC;
GRANT ALL ON FUNCTION retail.pending_embeddings(model text, batch integer) TO mcp_core;

CREATE FUNCTION retail.period_bounds(time_period retail.time_period, today date, OUT from_date date, OUT to_date date, OUT previous_from_date date, OUT previous_to_date date) RETURNS record
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.period_bounds(time_period retail.time_period, today date, OUT from_date date, OUT to_date date, OUT previous_from_date date, OUT previous_to_date date) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.period_bounds(time_period retail.time_period, today date, OUT from_date date, OUT to_date date, OUT previous_from_date date, OUT previous_to_date date) IS 'Return the days of a period, and those to compare it with: of a month, quarter or year as much of the one before, else as many days just before.';
REVOKE ALL ON FUNCTION retail.period_bounds(time_period retail.time_period, today date, OUT from_date date, OUT to_date date, OUT previous_from_date date, OUT previous_to_date date) FROM PUBLIC;
GRANT ALL ON FUNCTION retail.period_bounds(time_period retail.time_period, today date, OUT from_date date, OUT to_date date, OUT previous_from_date date, OUT previous_to_date date) TO mcp_sandbox;

CREATE FUNCTION retail.product_condition(wanted retail.product_filter) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.product_condition(wanted retail.product_filter) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.product_condition(wanted retail.product_filter) IS 'Return a filter as the SQL condition on a product p, for statements that are put together; no value is in its text.';
REVOKE ALL ON FUNCTION retail.product_condition(wanted retail.product_filter) FROM PUBLIC;
GRANT ALL ON FUNCTION retail.product_condition(wanted retail.product_filter) TO mcp_tools;

CREATE FUNCTION retail.product_insights(asked retail.report_period) RETURNS retail.insight[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.product_insights(asked retail.report_period) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.product_insights(asked retail.report_period) IS 'Return sentences about which products did well or badly, and what changed.';
REVOKE ALL ON FUNCTION retail.product_insights(asked retail.report_period) FROM PUBLIC;

CREATE FUNCTION retail.product_matches(product_ids uuid[], similarities double precision[]) RETURNS retail.product_match[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.product_matches(product_ids uuid[], similarities double precision[]) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.product_matches(product_ids uuid[], similarities double precision[]) IS 'Products as a search shows them, with the stock of the stores the caller may see.';
REVOKE ALL ON FUNCTION retail.product_matches(product_ids uuid[], similarities double precision[]) FROM PUBLIC;
GRANT ALL ON FUNCTION retail.product_matches(product_ids uuid[], similarities double precision[]) TO zava_owner;

CREATE FUNCTION retail.product_sales(spans retail.store_span[]) RETURNS TABLE(product_id uuid, sku text, name text, category_id uuid, category text, revenue numeric, units bigint, margin numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.product_sales(spans retail.store_span[]) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.product_sales(spans retail.store_span[]) IS 'Return what some stores together sold of each product.';
REVOKE ALL ON FUNCTION retail.product_sales(spans retail.store_span[]) FROM PUBLIC;

CREATE FUNCTION retail.products_by_meaning(query_embedding retail.embedding, model text, wanted retail.product_filter, few uuid[], depth integer, OUT product_ids uuid[], OUT distances double precision[]) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'ext', 'pg_temp';
ALTER FUNCTION retail.products_by_meaning(query_embedding retail.embedding, model text, wanted retail.product_filter, few uuid[], depth integer, OUT product_ids uuid[], OUT distances double precision[]) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.products_by_meaning(query_embedding retail.embedding, model text, wanted retail.product_filter, few uuid[], depth integer, OUT product_ids uuid[], OUT distances double precision[]) IS 'The products whose vectors are nearest. The index is read until enough of them passed the filter; where too few of the near ones do, each that passes is compared.';
REVOKE ALL ON FUNCTION retail.products_by_meaning(query_embedding retail.embedding, model text, wanted retail.product_filter, few uuid[], depth integer, OUT product_ids uuid[], OUT distances double precision[]) FROM PUBLIC;
GRANT ALL ON FUNCTION retail.products_by_meaning(query_embedding retail.embedding, model text, wanted retail.product_filter, few uuid[], depth integer, OUT product_ids uuid[], OUT distances double precision[]) TO zava_owner;

CREATE FUNCTION retail.products_by_words(query text, wanted retail.product_filter, few uuid[], depth integer) RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.products_by_words(query text, wanted retail.product_filter, few uuid[], depth integer) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.products_by_words(query text, wanted retail.product_filter, few uuid[], depth integer) IS 'The products that have words of a query, those first that have many, rare ones, and in their names.';
REVOKE ALL ON FUNCTION retail.products_by_words(query text, wanted retail.product_filter, few uuid[], depth integer) FROM PUBLIC;
GRANT ALL ON FUNCTION retail.products_by_words(query text, wanted retail.product_filter, few uuid[], depth integer) TO mcp_tools;

CREATE FUNCTION retail.products_named(query text, wanted retail.product_filter) RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan';
ALTER FUNCTION retail.products_named(query text, wanted retail.product_filter) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.products_named(query text, wanted retail.product_filter) IS 'Return the products that a query names: by a SKU anywhere in it, or by being a product''s whole name.';
REVOKE ALL ON FUNCTION retail.products_named(query text, wanted retail.product_filter) FROM PUBLIC;
GRANT ALL ON FUNCTION retail.products_named(query text, wanted retail.product_filter) TO mcp_tools;

CREATE FUNCTION retail.query_words(query text) RETURNS TABLE(word tsquery, weight double precision, product_count bigint)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.query_words(query text) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.query_words(query text) IS 'Return the words of a query that occur in the catalogue, the rarest first.';
REVOKE ALL ON FUNCTION retail.query_words(query text) FROM PUBLIC;

CREATE FUNCTION retail.rebuild_daily_sales() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.rebuild_daily_sales() OWNER TO zava_owner;
COMMENT ON FUNCTION retail.rebuild_daily_sales() IS 'Make daily_sales, year_to_date_sales, daily_totals, customer_sales, the orders'' totals and their business days what the orders and their lines say, and close the days that are over. For data that came in with the triggers disabled; sales wait while it runs.';
REVOKE ALL ON FUNCTION retail.rebuild_daily_sales() FROM PUBLIC;

CREATE FUNCTION retail.recall(truth uuid[], found uuid[]) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.recall(truth uuid[], found uuid[]) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.recall(truth uuid[], found uuid[]) IS 'Return the recall of a search, 0 to 1: the share of the ten nearest products of each sample that it found.';
REVOKE ALL ON FUNCTION retail.recall(truth uuid[], found uuid[]) FROM PUBLIC;

CREATE FUNCTION retail.redate_orders() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.redate_orders() OWNER TO zava_owner;
COMMENT ON FUNCTION retail.redate_orders() IS 'Move a store''s orders to the business days that they have in its new time zone.';
REVOKE ALL ON FUNCTION retail.redate_orders() FROM PUBLIC;

CREATE FUNCTION retail.renew_search_vectors() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.renew_search_vectors() OWNER TO zava_owner;
COMMENT ON FUNCTION retail.renew_search_vectors() IS 'Pass a new name of a category or type on to the words of its products.';
REVOKE ALL ON FUNCTION retail.renew_search_vectors() FROM PUBLIC;

CREATE FUNCTION retail.resolve_period(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) RETURNS retail.report_period
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.resolve_period(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.resolve_period(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) IS 'Return the stores and days of a report: check the client''s arguments, and compute the days of each store.';
REVOKE ALL ON FUNCTION retail.resolve_period(store_id uuid, time_period retail.time_period, from_date retail.business_day, to_date retail.business_day) FROM PUBLIC;

CREATE FUNCTION retail.restock(asked_store uuid, asked_category text, target_days retail.day_count, rate_days retail.day_count) RETURNS TABLE(store_id uuid, store text, product_id uuid, sku text, product text, stock_level integer, daily_units numeric, days_of_cover numeric, suggested_units bigint)
    LANGUAGE sql STABLE;
ALTER FUNCTION retail.restock(asked_store uuid, asked_category text, target_days retail.day_count, rate_days retail.day_count) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.restock(asked_store uuid, asked_category text, target_days retail.day_count, rate_days retail.day_count) IS 'Return what to order so that the stock lasts, for the tool and the prompt that plan it.';
REVOKE ALL ON FUNCTION retail.restock(asked_store uuid, asked_category text, target_days retail.day_count, rate_days retail.day_count) FROM PUBLIC;

CREATE FUNCTION retail.roll_up_lines() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.roll_up_lines() OWNER TO zava_owner;
COMMENT ON FUNCTION retail.roll_up_lines() IS 'Keep daily_sales, year_to_date_sales, daily_totals and the orders'' totals exact when order lines are inserted, updated, deleted or truncated.';
REVOKE ALL ON FUNCTION retail.roll_up_lines() FROM PUBLIC;

CREATE FUNCTION retail.roll_up_orders() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.roll_up_orders() OWNER TO zava_owner;
COMMENT ON FUNCTION retail.roll_up_orders() IS 'Keep daily_totals and customer_sales exact when orders are inserted, updated, deleted or truncated.';
REVOKE ALL ON FUNCTION retail.roll_up_orders() FROM PUBLIC;

CREATE FUNCTION retail.scope_of(audience name, granted text[]) RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.scope_of(audience name, granted text[]) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.scope_of(audience name, granted text[]) IS 'Return the stores a user may see today: head office every store, regional managers the stores of the regions they were granted, store managers the stores they were granted. A store opened today counts.';
REVOKE ALL ON FUNCTION retail.scope_of(audience name, granted text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION retail.scope_of(audience name, granted text[]) TO mcp_core;

CREATE FUNCTION retail.season_insights(asked retail.report_period) RETURNS retail.insight[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.season_insights(asked retail.report_period) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.season_insights(asked retail.report_period) IS 'Return sentences about the strong and the weak times of sales: against a year before, by month, by day of the week, and what the next month is expected to bring.';
REVOKE ALL ON FUNCTION retail.season_insights(asked retail.report_period) FROM PUBLIC;

CREATE FUNCTION retail.sell(store_id uuid, customer_id uuid, lines retail.sale_lines, status retail.order_status, idempotency_key mcp_tool.idempotency_key) RETURNS retail.recorded_sale
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.sell(store_id uuid, customer_id uuid, lines retail.sale_lines, status retail.order_status, idempotency_key mcp_tool.idempotency_key) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.sell(store_id uuid, customer_id uuid, lines retail.sale_lines, status retail.order_status, idempotency_key mcp_tool.idempotency_key) IS 'Record a sale: the order, its lines, what they take from the stock, and the key.';
REVOKE ALL ON FUNCTION retail.sell(store_id uuid, customer_id uuid, lines retail.sale_lines, status retail.order_status, idempotency_key mcp_tool.idempotency_key) FROM PUBLIC;

CREATE FUNCTION retail.set_order_date() RETURNS trigger
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.set_order_date() OWNER TO zava_owner;
COMMENT ON FUNCTION retail.set_order_date() IS 'Set an order''s business day, the day of its moment in the store''s time zone, and a new order''s total: of the lines that are there, as where a sale stores them first, else 0.';
REVOKE ALL ON FUNCTION retail.set_order_date() FROM PUBLIC;

CREATE FUNCTION retail.set_search_vector() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.set_search_vector() OWNER TO zava_owner;
COMMENT ON FUNCTION retail.set_search_vector() IS 'Make the words of a product that full-text search finds: SKU and name, description, names of category and type.';
REVOKE ALL ON FUNCTION retail.set_search_vector() FROM PUBLIC;

CREATE FUNCTION retail.signed_sales(spans retail.store_span[]) RETURNS TABLE(store_id uuid, product_id uuid, line_count integer, units bigint, net_amount numeric)
    LANGUAGE sql STABLE;
ALTER FUNCTION retail.signed_sales(spans retail.store_span[]) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.signed_sales(spans retail.store_span[]) IS 'Return signed rows whose sum is what some stores sold of each product, each store over a span of its business days.';
REVOKE ALL ON FUNCTION retail.signed_sales(spans retail.store_span[]) FROM PUBLIC;

CREATE FUNCTION retail.sold_days(spans retail.store_span[]) RETURNS TABLE(store_id uuid, sales_date date, order_count integer, line_count integer, units bigint, net_amount numeric)
    LANGUAGE sql STABLE;
ALTER FUNCTION retail.sold_days(spans retail.store_span[]) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.sold_days(spans retail.store_span[]) IS 'Return what some stores sold on each of their days.';
REVOKE ALL ON FUNCTION retail.sold_days(spans retail.store_span[]) FROM PUBLIC;

CREATE FUNCTION retail.stamp_inventory() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.stamp_inventory() OWNER TO zava_owner;
COMMENT ON FUNCTION retail.stamp_inventory() IS 'Note when a stock level last changed.';
REVOKE ALL ON FUNCTION retail.stamp_inventory() FROM PUBLIC;

CREATE FUNCTION retail.stock_cover(asked_store uuid, asked_category text, rate_days retail.day_count) RETURNS TABLE(store_id uuid, store text, product_id uuid, sku text, product text, category text, stock_level integer, units_sold bigint, daily_units numeric, days_of_cover numeric)
    LANGUAGE sql STABLE;
ALTER FUNCTION retail.stock_cover(asked_store uuid, asked_category text, rate_days retail.day_count) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.stock_cover(asked_store uuid, asked_category text, rate_days retail.day_count) IS 'Return the stock of stores in units, and for how many days it lasts at the rate it is sold.';
REVOKE ALL ON FUNCTION retail.stock_cover(asked_store uuid, asked_category text, rate_days retail.day_count) FROM PUBLIC;

CREATE FUNCTION retail.store_embeddings(model text, items jsonb, vectors real[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.store_embeddings(model text, items jsonb, vectors real[]) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.store_embeddings(model text, items jsonb, vectors real[]) IS 'Store products'' vectors of a model.';
REVOKE ALL ON FUNCTION retail.store_embeddings(model text, items jsonb, vectors real[]) FROM PUBLIC;
GRANT ALL ON FUNCTION retail.store_embeddings(model text, items jsonb, vectors real[]) TO mcp_core;

CREATE FUNCTION retail.store_insights(metrics retail.store_metrics) RETURNS retail.insight[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.store_insights(metrics retail.store_metrics) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.store_insights(metrics retail.store_metrics) IS 'Return sentences about the figures of a store.';
REVOKE ALL ON FUNCTION retail.store_insights(metrics retail.store_metrics) FROM PUBLIC;

CREATE FUNCTION retail.store_metrics(spans retail.store_span[], previous_spans retail.store_span[]) RETURNS retail.store_metrics
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.store_metrics(spans retail.store_span[], previous_spans retail.store_span[]) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.store_metrics(spans retail.store_span[], previous_spans retail.store_span[]) IS 'Figures of some stores together over a period, each store''s days in its own time zone.';
REVOKE ALL ON FUNCTION retail.store_metrics(spans retail.store_span[], previous_spans retail.store_span[]) FROM PUBLIC;

CREATE FUNCTION retail.store_to_write(store_id uuid) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.store_to_write(store_id uuid) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.store_to_write(store_id uuid) IS 'Return the store in which a tool is to write.';
REVOKE ALL ON FUNCTION retail.store_to_write(store_id uuid) FROM PUBLIC;

CREATE FUNCTION retail.take_back(store_id uuid, order_id uuid, lines retail.return_lines, restock boolean, idempotency_key mcp_tool.idempotency_key) RETURNS retail.recorded_return
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.take_back(store_id uuid, order_id uuid, lines retail.return_lines, restock boolean, idempotency_key mcp_tool.idempotency_key) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.take_back(store_id uuid, order_id uuid, lines retail.return_lines, restock boolean, idempotency_key mcp_tool.idempotency_key) IS 'Record a return: the lines of the order shrink, with their part of the discount, and the goods go back to the stock.';
REVOKE ALL ON FUNCTION retail.take_back(store_id uuid, order_id uuid, lines retail.return_lines, restock boolean, idempotency_key mcp_tool.idempotency_key) FROM PUBLIC;

CREATE FUNCTION retail.terms() RETURNS SETOF mcp_tool.term
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.terms() OWNER TO zava_owner;
COMMENT ON FUNCTION retail.terms() IS 'Return the words of people about the shop: what they mean, and which table or tool has the answer. A query has run when the catalogue was built.';
REVOKE ALL ON FUNCTION retail.terms() FROM PUBLIC;
GRANT ALL ON FUNCTION retail.terms() TO mcp_core;

CREATE FUNCTION retail.total_sales(spans retail.store_span[], OUT revenue numeric, OUT orders bigint, OUT units bigint) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.total_sales(spans retail.store_span[], OUT revenue numeric, OUT orders bigint, OUT units bigint) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.total_sales(spans retail.store_span[], OUT revenue numeric, OUT orders bigint, OUT units bigint) IS 'Return what some stores together sold.';
REVOKE ALL ON FUNCTION retail.total_sales(spans retail.store_span[], OUT revenue numeric, OUT orders bigint, OUT units bigint) FROM PUBLIC;

CREATE FUNCTION retail.tune_embedding_index(target_recall double precision DEFAULT 0.95, sample integer DEFAULT 200, model text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'ext', 'pg_temp';
ALTER FUNCTION retail.tune_embedding_index(target_recall double precision, sample integer, model text) OWNER TO zava_owner;
COMMENT ON FUNCTION retail.tune_embedding_index(target_recall double precision, sample integer, model text) IS 'Build the index of a model''s vectors from the data that is there, measure how many of the ten nearest a search finds, and store the smallest number of probes that reaches the target. For few vectors there is no index: searches are exact.';
REVOKE ALL ON FUNCTION retail.tune_embedding_index(target_recall double precision, sample integer, model text) FROM PUBLIC;

CREATE FUNCTION retail.use_search_probes() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.use_search_probes() OWNER TO zava_owner;
COMMENT ON FUNCTION retail.use_search_probes() IS 'Set, for this transaction, how many lists of the ivfflat index a search visits: what was measured for the active model. Where searches are exact there is nothing to set.';
REVOKE ALL ON FUNCTION retail.use_search_probes() FROM PUBLIC;
GRANT ALL ON FUNCTION retail.use_search_probes() TO mcp_tools;

CREATE FUNCTION retail.valid_values() RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.valid_values() OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.valid_values() IS 'Return the names that occur in the rows the caller may see, of stores, regions, categories and product types.';
REVOKE ALL ON FUNCTION retail.valid_values() FROM PUBLIC;

CREATE FUNCTION retail.wanted_products(category text, price_min numeric, price_max numeric, in_stock_only boolean) RETURNS retail.product_filter
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp';
ALTER FUNCTION retail.wanted_products(category text, price_min numeric, price_max numeric, in_stock_only boolean) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.wanted_products(category text, price_min numeric, price_max numeric, in_stock_only boolean) IS 'Return the arguments with which tools narrow a search, checked.';
REVOKE ALL ON FUNCTION retail.wanted_products(category text, price_min numeric, price_max numeric, in_stock_only boolean) FROM PUBLIC;

CREATE FUNCTION retail.year_to_date_terms(from_date date, to_date date) RETURNS TABLE(sales_date date, sign integer)
    LANGUAGE sql IMMUTABLE;
ALTER FUNCTION retail.year_to_date_terms(from_date date, to_date date) OWNER TO mcp_tools;
COMMENT ON FUNCTION retail.year_to_date_terms(from_date date, to_date date) IS 'Return the days whose sums in retail.year_to_date_sales make up a span of closed days: the end of each year, minus the day before the span.';
REVOKE ALL ON FUNCTION retail.year_to_date_terms(from_date date, to_date date) FROM PUBLIC;
