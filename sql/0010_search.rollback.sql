-- Mirrors 0010 backwards. The vector index is built again as 0005 did it: empty, for
-- retail.finish_embeddings to fill.
-- managed functions are dropped before this runs; those that still fit register themselves again
drop table retail.search_words;

drop index retail.inventory_stock_level_idx;
drop index retail.products_base_price_idx;
drop index retail.products_name_idx;
drop index retail.products_search_vector_idx;
alter table retail.products drop column search_vector;
alter table retail.products add column search_vector tsvector not null generated always as (
    setweight(to_tsvector('pg_catalog.english', sku || ' ' || name), 'A')
    || setweight(to_tsvector('pg_catalog.english', description), 'B')
) stored;
create index products_search_vector_idx on retail.products using gin (search_vector);
comment on column retail.products.search_vector is
'For full-text search: SKU and name weigh more than the description.';

alter table retail.product_description_embeddings
alter column description_embedding set storage external;
drop index if exists retail.product_description_embeddings_ivfflat_idx;
create index product_description_embeddings_ivfflat_idx on retail.product_description_embeddings
using ivfflat (description_embedding ext.vector_cosine_ops) with (lists = 1);

update retail.embedding_models set lists = 1, probes = 1 where lists is null;
alter table retail.embedding_models
drop constraint embedding_models_method_check,
drop constraint embedding_models_recall_check,
drop column measured_at,
drop column recall,
drop column method,
alter column lists set not null,
alter column probes set not null;
comment on column retail.embedding_models.lists is 'Lists of the ivfflat index.';
comment on column retail.embedding_models.probes is 'Lists that a search visits.';

drop type retail.index_method;
drop type retail.product_companion;
drop type retail.product_filter;
drop domain retail.price;

-- a label cannot be taken away from an enum
alter type retail.search_mode rename to search_mode_hybrid;
create type retail.search_mode as enum ('vector', 'text');
comment on type retail.search_mode is
'How products were found: by the meaning of the query, or, without an embedding, by its words.';
alter type retail.product_search alter attribute mode type retail.search_mode;
drop type retail.search_mode_hybrid;
comment on column retail.product_search.mode is
'vector: by meaning. text: by words, since no embedding was at hand.';
comment on column retail.product_match.similarity is
'Cosine similarity to the query, 1 is equal; null in mode text.';
