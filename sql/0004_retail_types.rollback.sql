-- Mirrors 0004 backwards. Roles are cluster-wide and stay.
-- managed functions are dropped before this runs; those that still fit register themselves again
delete from mcp.hooks;
drop type retail.store_performance;
drop type retail.store_metrics;
drop type retail.product_search;
drop type retail.product_match;
drop type retail.store_stock;
drop type retail.table_schemas;
drop type retail.table_schema;
drop type retail.table_column;
drop type retail.query_result;
drop domain retail.label;
drop domain retail.email;
drop domain retail.embedding;
drop domain retail.query_text;
drop domain retail.search_text;
drop domain retail.similarity;
drop domain retail.row_limit;
drop domain retail.result_limit;
drop type retail.search_mode;
drop type retail.change_operation;
drop type retail.order_status;
drop type retail.time_period;
drop schema retail;
delete from mcp.settings where name = 'tenant_key';
update mcp.settings set value = '""' where name = 'instructions';
-- users of these audiences have nothing left to see
delete from auth.api_keys
where user_id in (
    select u.user_id
    from auth.users as u
    where u.audience in ('store_managers', 'regional_managers', 'head_office')
);
delete from auth.users
where audience in ('store_managers', 'regional_managers', 'head_office');
delete from auth.audiences
where audience in ('store_managers', 'regional_managers', 'head_office');
