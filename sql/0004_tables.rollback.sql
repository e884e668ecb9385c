-- Mirrors 0004 backwards.
-- managed functions are dropped before this runs; those that still fit register themselves again
delete from mcp_catalog.hooks;
drop table retail.change_log;
drop table retail.order_items;
drop table retail.orders;
drop table retail.inventory;
drop table retail.product_costs;
drop table retail.products;
drop table retail.product_types;
drop table retail.category_seasonality;
drop table retail.categories;
drop table retail.customers;
drop table retail.stores;
drop table retail.regions;
revoke references, select (user_id) on mcp_auth.users from zava_owner;
revoke usage on schema mcp_auth from zava_owner;
