-- A search with a category and prices looks at each product that passes, wherever those near the
-- question are too few: by both at once it reads no other.
-- a catalogue is small, and its writers wait for seconds
-- squawk-ignore require-concurrent-index-creation
create index products_category_id_base_price_idx
on retail.products (category_id, base_price) include (product_id);
