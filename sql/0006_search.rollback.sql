-- Mirrors 0006 backwards.
-- managed functions are dropped before this runs; those that still fit register themselves again
delete from mcp_catalog.hooks;
drop table retail.search_words;
drop table retail.embedding_models;
drop table retail.product_description_embeddings;
drop type retail.product_companion;
drop type retail.product_search;
drop type retail.product_match;
drop type retail.store_stock;
drop type retail.product_filter;
drop domain retail.embedding;
drop domain retail.price;
drop domain retail.search_text;
drop domain retail.similarity;
drop type retail.index_method;
drop type retail.search_mode;
