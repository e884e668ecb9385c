-- Search: a category's words count too, words weigh by how rare they are, each filter has its
-- index, and what was measured of the vector index is kept beside its model.
alter type retail.search_mode add value 'hybrid' before 'vector';
comment on type retail.search_mode is
'How products were found: by the meaning of the query (vector), by its words (text) or by both.';
comment on column retail.product_search.mode is
'hybrid: by meaning and by words. vector: by meaning, since no product has words of the '
'query. text: by words, since no embedding was at hand.';
comment on column retail.product_match.similarity is
'Cosine similarity to what was searched, 1 is equal; null where no vectors could be compared.';

create domain retail.price as numeric
constraint price_check check (value between 0 and 9999999999.99);
comment on domain retail.price is
'A price in US dollars, 0 or more.
@schema {"minimum": 0, "maximum": 9999999999.99}';

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

create type retail.index_method as enum ('exact', 'ivfflat');
comment on type retail.index_method is
'How the nearest vectors are found. exact: all are compared. ivfflat: those in the nearest lists.';

-- the table has one row a model
alter table retail.embedding_models
add column method retail.index_method not null default 'ivfflat',
add column recall double precision,
add column measured_at timestamptz,
-- squawk-ignore constraint-missing-not-valid
add constraint embedding_models_recall_check check (recall between 0 and 1),
-- squawk-ignore constraint-missing-not-valid
add constraint embedding_models_method_check check (
    (method = 'ivfflat') = (lists is not null) and (lists is null) = (probes is null)
),
-- squawk-ignore ban-drop-not-null
alter column lists drop not null,
-- squawk-ignore ban-drop-not-null
alter column probes drop not null;
-- squawk-ignore ban-drop-default
alter table retail.embedding_models alter column method drop default;
comment on column retail.embedding_models.method is 'How searches find the nearest vectors.';
comment on column retail.embedding_models.lists is
'Lists of the ivfflat index; null when searches are exact.';
comment on column retail.embedding_models.probes is
'Lists that a search visits first; null when searches are exact.';
comment on column retail.embedding_models.recall is
'How many of the ten nearest vectors a search finds, 0 to 1, as measured; null when it never was.';
comment on column retail.embedding_models.measured_at is 'When recall was measured.';

-- a vector beside its row, not in a TOAST table: an exact search reads it in one piece, and the
-- planner sees what a scan costs
alter table retail.product_description_embeddings
alter column description_embedding set storage plain;

-- the category's name is in another table, so a trigger takes the place of the generation
-- squawk-ignore ban-drop-generated-expression
alter table retail.products alter column search_vector drop expression;
update retail.products as p
set
    search_vector = p.search_vector
    || setweight(to_tsvector('pg_catalog.english', c.name || ' ' || t.name), 'C')
from retail.categories as c
inner join retail.product_types as t on c.category_id = t.category_id
where p.category_id = c.category_id and p.type_id = t.type_id;
comment on column retail.products.search_vector is
'For full-text search: SKU and name weigh more than the description, and that more than the names '
'of category and type. Kept by triggers.';
-- a catalogue is small, and its writers wait for seconds
-- squawk-ignore require-concurrent-index-creation
create index products_name_idx on retail.products (lower(name));
-- squawk-ignore require-concurrent-index-creation
create index products_base_price_idx on retail.products (base_price);
-- squawk-ignore require-concurrent-index-creation
create index inventory_stock_level_idx on retail.inventory (store_id, product_id)
where stock_level > 0;

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
insert into retail.search_words (word, product_count)
select
    w.word,
    count(*) as product_count
from retail.products as p
cross join lateral unnest(tsvector_to_array(p.search_vector) || ''::text) as w (word)
group by w.word;

grant create on schema retail to zava_owner;
alter table retail.search_words owner to zava_owner;
revoke create on schema retail from zava_owner;
