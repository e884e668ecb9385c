-- The triggers that keep what full-text search reads: retail.products.search_vector
-- (set_search_vector, renew_search_vectors) and retail.search_words (count_search_words).
begin;
set local search_path = tests, ext, public;
select plan(42);
select tests.load_fixture();

-- every table also tells the servers that it changed: mcp_migrate.check_cached_tables
select triggers_are('retail', t.name, t.triggers || (t.name || '_notify_change'))
from (
    values
    (
        'products',
        array[
            'products_count_search_words_delete', 'products_count_search_words_insert',
            'products_count_search_words_truncate', 'products_count_search_words_update',
            'products_set_search_vector'
        ]
    ),
    ('categories', array['categories_renew_search_vectors']),
    ('product_types', array['product_types_renew_search_vectors'])
) as t (name, triggers);

select trigger_is('retail', t.relation, t.name, 'retail', t.function)
from (
    values
    ('products', 'products_set_search_vector', 'set_search_vector'),
    ('products', 'products_count_search_words_insert', 'count_search_words'),
    ('products', 'products_count_search_words_update', 'count_search_words'),
    ('products', 'products_count_search_words_delete', 'count_search_words'),
    ('products', 'products_count_search_words_truncate', 'count_search_words'),
    ('categories', 'categories_renew_search_vectors', 'renew_search_vectors'),
    ('product_types', 'product_types_renew_search_vectors', 'renew_search_vectors')
) as t (relation, name, function);
select
    is(
        has_function_privilege(r.role, f.signature, 'execute'),
        false,
        format('%s may not execute %s', r.role, f.signature)
    )
from unnest(array['mcp_tools', 'mcp_sandbox', 'zava_mcp']) as r (role)
cross join
    unnest(array[
        'retail.set_search_vector()', 'retail.renew_search_vectors()', 'retail.count_search_words()'
    ]) as f (signature);

-- the words that are counted otherwise than they occur; the empty word counts products
create function pg_temp.miscounted()
returns setof text
language sql
return (
    select format('%s: %s, not %s', o.word, w.product_count, o.product_count)
    from retail.search_words as w
    full join (
        select
            u.word,
            count(*) as product_count
        from retail.products as p
        cross join lateral unnest(tsvector_to_array(p.search_vector) || ''::text) as u (word)
        group by u.word
    ) as o on w.word = o.word
    where w.product_count is distinct from o.product_count
    order by o.word
    limit 1
);
create function pg_temp.vector(sku text)
returns text
language sql
return (select p.search_vector::text from retail.products as p where p.sku = vector.sku);

select is(
    pg_temp.vector('TEST-HAMMER'),
    '''drive'':6B ''hammer'':3A,11C ''quuxhamm'':5A ''quuxnail'':7B ''test'':2A,4A,8C,10C '
    '''test-hamm'':1A ''tool'':9C'::tsvector::text,
    'SKU and name, description, category and type'
);
select is(pg_temp.miscounted(), null, 'an insert is counted');
select is(w.product_count, 1::bigint, 'a word of one product')
from retail.search_words as w
where w.word = 'quuxnail';
select is(w.product_count, (select count(*) from retail.products), 'the empty word counts products')
from retail.search_words as w
where w.word = '';

update retail.products set description = 'Drives quuxscrews.'
where sku = 'TEST-HAMMER';
select is(pg_temp.vector('TEST-HAMMER') ~ 'quuxscrew', true, 'a new description');
select is(pg_temp.vector('TEST-HAMMER') ~ 'quuxnail', false, 'takes the place of the old');
select is(pg_temp.miscounted(), null, 'an update is counted');
select is_empty(
    $$select from retail.search_words where word = 'quuxnail'$$,
    'a word that nobody has any more is gone'
);

update retail.products set base_price = 11, search_vector = 'forged'
where sku = 'TEST-HAMMER';
select is(pg_temp.vector('TEST-HAMMER') ~ 'forged', false, 'nobody writes the words by hand');

update retail.products
set description = case sku when 'TEST-HAMMER' then 'Covers quuxwalls.' else 'Drives quuxscrews.' end
where sku in ('TEST-HAMMER', 'TEST-PAINT');
select is(pg_temp.miscounted(), null, 'two products that change places are counted');
select is(w.product_count, 1::bigint, format('one product has %s, as before', w.word))
from retail.search_words as w
where w.word in ('quuxscrew', 'quuxwal');

select set_config('tests.row', p.ctid::text, true) is not null as is_noted
from retail.products as p
where p.sku = 'TEST-HAMMER';
update retail.categories set name = name, description = 'Quuxtools.'
where name = 'Test Tools';
select
    is(
        p.ctid::text,
        current_setting('tests.row'),
        'a category that keeps its name touches no product'
    )
from retail.products as p
where p.sku = 'TEST-HAMMER';

update retail.categories set name = 'Test Quuxgear'
where name = 'Test Tools';
select is(pg_temp.vector('TEST-HAMMER') ~ '''quuxgear'':9C', true, 'a renamed category');
select is(pg_temp.vector('TEST-PAINT') ~ 'quuxgear', false, 'is not that of other products');
update retail.product_types set name = 'Test Quuxbeaters'
where name = 'Test Hammers';
select is(pg_temp.vector('TEST-HAMMER') ~ '''quuxbeat'':11C', true, 'a renamed type');
select is(pg_temp.miscounted(), null, 'renaming is counted');
update retail.products
set
    category_id = '00000000-0000-7000-8000-0000000000c2',
    type_id = '00000000-0000-7000-8000-0000000000d2'
where sku = 'TEST-HAMMER';
select is(pg_temp.vector('TEST-HAMMER') ~ 'quuxgear', false, 'a product moves to another category');

insert into retail.products (sku, name, description, category_id, type_id, base_price)
select
    'TEST-' || g,
    'Test product ' || g,
    'Quuxmany.',
    p.category_id,
    p.type_id,
    1.00
from retail.products as p
cross join generate_series(1, 3) as g
where p.sku = 'TEST-PAINT';
select is(w.product_count, 3::bigint, 'three in one statement')
from retail.search_words as w
where w.word = 'quuxmani';
delete from retail.products where sku in ('TEST-1', 'TEST-2');
select is(w.product_count, 1::bigint, 'two deleted')
from retail.search_words as w
where w.word = 'quuxmani';
select is(pg_temp.miscounted(), null, 'a delete is counted');

select throws_ok(
    $$
    insert into retail.products (sku, name, description, category_id, type_id, base_price)
    select 'TEST-9', 'Test 9', 'Nowhere.', '00000000-0000-7000-8000-0000000000cf', p.type_id, 1.00
    from retail.products as p where p.sku = 'TEST-PAINT'
    $$,
    '23503',
    null,
    'an unknown category is refused by its foreign key'
);

-- else the truncate below sums up the sales of the demo, line by line
select tests.clear_stores();
truncate retail.products cascade;
select is_empty('select from retail.search_words', 'a truncate leaves no word');

select finish();
rollback;
