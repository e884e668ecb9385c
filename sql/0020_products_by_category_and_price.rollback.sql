-- Mirrors 0020 backwards.
drop index retail.products_category_id_base_price_idx;
