-- Zava Retail: the search for products by meaning and by words. Its types and its tables.
create type retail.search_mode as enum ('hybrid', 'vector', 'text');
comment on type retail.search_mode is
'How products were found: by the meaning of the query (vector), by its words (text) or by both.';

create type retail.index_method as enum ('exact', 'ivfflat');
comment on type retail.index_method is
'How the nearest vectors are found. exact: all are compared. ivfflat: those in the nearest lists.';

create domain retail.similarity as double precision
constraint similarity_check check (value between 0 and 1);
comment on domain retail.similarity is
'A number from 0 to 1.
@schema {"minimum": 0, "maximum": 1}';

create domain retail.search_text as text
constraint search_text_check check (value ~ '\S' and length(value) <= 500);
comment on domain retail.search_text is
'Text of 1 to 500 characters, not only blanks.
@schema {"minLength": 1, "maxLength": 500}';

create domain retail.price as numeric
constraint price_check check (value between 0 and 9999999999.99);
comment on domain retail.price is
'A price in US dollars, 0 or more.
@schema {"minimum": 0, "maximum": 9999999999.99}';

-- a typmod on a function's argument checks nothing, so the length lives in a domain
create domain retail.embedding as vector(1536);
comment on domain retail.embedding is
'A vector of 1536 numbers; shorter models are padded with zeros.';

create type retail.product_filter as (
    category_id uuid,
    price_min numeric,
    price_max numeric,
    in_stock_only boolean,
    without_ids uuid[]
);
comment on type retail.product_filter is 'Which products may be found; null asks nothing.';
comment on column retail.product_filter.category_id is 'Products of this category.';
comment on column retail.product_filter.price_min is 'List price of at least this.';
comment on column retail.product_filter.price_max is 'List price of at the most this.';
comment on column retail.product_filter.in_stock_only is
'Products that a store which the caller may see has in stock.';
comment on column retail.product_filter.without_ids is 'Products that are no answer.';

create type retail.store_stock as (
    store_id uuid,
    store_name text,
    stock_level integer
);
comment on type retail.store_stock is 'Stock of a product in a store.';
comment on column retail.store_stock.store_id is 'Store.';
comment on column retail.store_stock.store_name is 'Its name.';
comment on column retail.store_stock.stock_level is 'Units in stock.';

create type retail.product_match as (
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
comment on type retail.product_match is 'A product found by search.';
comment on column retail.product_match.product_id is 'Product.';
comment on column retail.product_match.sku is 'Stock keeping unit, what people quote.';
comment on column retail.product_match.name is 'Name.';
comment on column retail.product_match.category is 'Category.';
comment on column retail.product_match.description is 'Description.';
comment on column retail.product_match.price is 'List price in US dollars.';
comment on column retail.product_match.similarity is
'Cosine similarity to what was searched, 1 is equal; null where no vectors could be compared.';
comment on column retail.product_match.total_stock is 'Units in the stores you may see.';
comment on column retail.product_match.stock is
'Units by store, for the stores you may see that have any.';

create type retail.product_search as (
    mode retail.search_mode,
    rows retail.product_match[],
    row_count integer
);
comment on type retail.product_search is 'Answer of a product search.';
comment on column retail.product_search.mode is
'hybrid: by meaning and by words. vector: by meaning, since no product has words of the '
'query. text: by words, since no embedding was at hand.';
comment on column retail.product_search.rows is 'Products, best first.';
comment on column retail.product_search.row_count is 'Products given.';

create type retail.product_companion as (
    product_id uuid,
    sku text,
    name text,
    category text,
    price numeric,
    orders_together bigint,
    share_percent numeric
);
comment on type retail.product_companion is 'A product that is bought together with another.';
comment on column retail.product_companion.product_id is 'Product.';
comment on column retail.product_companion.sku is 'Stock keeping unit, what people quote.';
comment on column retail.product_companion.name is 'Name.';
comment on column retail.product_companion.category is 'Category.';
comment on column retail.product_companion.price is 'List price in US dollars.';
comment on column retail.product_companion.orders_together is 'Orders that have both.';
comment on column retail.product_companion.share_percent is
'Of the orders with the product asked about, how many percent have this one too.';

create table retail.product_description_embeddings (
    product_id uuid not null,
    model text not null,
    description_embedding vector(1536) not null,
    source_hash bytea not null,
    last_updated timestamptz not null default now(),
    constraint product_description_embeddings_pkey primary key (product_id, model),
    constraint product_description_embeddings_product_id_fkey foreign key (product_id)
    references retail.products (product_id) on delete restrict,
    constraint product_description_embeddings_source_hash_check check (
        octet_length(source_hash) = 32
    )
);
-- beside its row, not in a TOAST table: an exact search reads it in one piece, and the planner sees
-- what a scan costs
alter table retail.product_description_embeddings
alter column description_embedding set storage plain;
-- empty it only reserves the name: retail.finish_embeddings rebuilds it from the data
create index product_description_embeddings_ivfflat_idx on retail.product_description_embeddings
using ivfflat (description_embedding vector_cosine_ops) with (lists = 1);
comment on table retail.product_description_embeddings is 'One row a product and embedding model.';
comment on column retail.product_description_embeddings.product_id is 'Product.';
comment on column retail.product_description_embeddings.model is
'Model that made the vector; vectors of two models are never compared.';
comment on column retail.product_description_embeddings.description_embedding is
'Unit vector, padded with zeros to 1536 numbers.';
comment on column retail.product_description_embeddings.source_hash is
'SHA-256 of the text that was embedded, so that only changed products are embedded again.';
comment on column retail.product_description_embeddings.last_updated is
'When the vector was stored.';

create table retail.embedding_models (
    model text not null,
    is_active boolean not null,
    similarity_threshold double precision not null,
    lists integer,
    probes integer,
    product_count integer not null,
    indexed_at timestamptz not null default now(),
    method retail.index_method not null,
    recall double precision,
    measured_at timestamptz,
    constraint embedding_models_pkey primary key (model),
    constraint embedding_models_similarity_threshold_check check (
        similarity_threshold between 0 and 1
    ),
    constraint embedding_models_lists_check check (lists >= 1),
    constraint embedding_models_probes_check check (probes between 1 and lists),
    constraint embedding_models_recall_check check (recall between 0 and 1),
    constraint embedding_models_method_check check (
        (method = 'ivfflat') = (lists is not null) and (lists is null) = (probes is null)
    )
);
create unique index embedding_models_active_idx on retail.embedding_models (is_active)
where is_active;
comment on table retail.embedding_models is
'One row an embedding model whose vectors are stored; searches use the active one.';
comment on column retail.embedding_models.model is 'Name of the model.';
comment on column retail.embedding_models.is_active is 'Whether searches use it; one at the most.';
comment on column retail.embedding_models.similarity_threshold is
'Similarity below which a product of this model is no answer, measured on its own vectors.';
comment on column retail.embedding_models.lists is
'Lists of the ivfflat index; null when searches are exact.';
comment on column retail.embedding_models.probes is
'Lists that a search visits first; null when searches are exact.';
comment on column retail.embedding_models.product_count is
'Products with a vector when the index was built.';
comment on column retail.embedding_models.indexed_at is 'When the index was built.';
comment on column retail.embedding_models.method is 'How searches find the nearest vectors.';
comment on column retail.embedding_models.recall is
'How many of the ten nearest vectors a search finds, 0 to 1, as measured; null when it never was.';
comment on column retail.embedding_models.measured_at is 'When recall was measured.';

create table retail.search_words (
    word text not null,
    product_count bigint not null,
    constraint search_words_pkey primary key (word)
);
comment on table retail.search_words is
'One row a word of the catalogue, so that a search knows which words are rare. Kept by triggers.';
comment on column retail.search_words.word is
'Word as full-text search keeps it; the empty one stands for all products.';
comment on column retail.search_words.product_count is 'Products that have it.';

alter table retail.product_description_embeddings owner to zava_owner;
alter table retail.embedding_models owner to zava_owner;
alter table retail.search_words owner to zava_owner;
