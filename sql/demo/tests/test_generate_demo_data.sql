-- How the demo is made: repeatable chance, the catalogue, and the generator: the same twice, and
-- refused where it must be. In a database that zava-mcp demo has filled; all is rolled back.
begin;
set local search_path = tests, ext, public;
select plan(32);

-- Chance -----------------------------------------------------------------------------------------

select is(
    retail_demo.uniform(42, 1, 7), 0.49881388249143355::double precision, 'a draw has a fixed value'
);
select isnt(
    retail_demo.uniform(42, 1, 7), retail_demo.uniform(42, 2, 7), 'another stream, another value'
);
select isnt(
    retail_demo.uniform(42, 1, 7), retail_demo.uniform(43, 1, 7), 'another seed, another value'
);
select results_eq(
    $$
    select width_bucket(retail_demo.uniform(42, 1, n), 0, 1, 10), count(*) between 900 and 1100
    from generate_series(1, 10000) as n
    group by 1
    order by 1
    $$,
    $$select b, true from generate_series(1, 10) as b$$,
    'draws lie from 0 to 1, evenly'
);
select is(retail_demo.uniform(null, 1, 7), null, 'no seed, no draw');
select is(
    retail_demo.uuid('2024-02-29 12:34:56.789+00', 'product/TEST'),
    '018df4dc-5495-748b-9e62-dec84d2d53b2'::uuid,
    'a demo id has a fixed value'
);
select is(
    (
        select row(uuid_extract_version(u), uuid_extract_timestamp(u))::text
        from retail_demo.uuid('2024-02-29 12:34:56.789+00', 'product/TEST') as u
    ),
    row(7, '2024-02-29 12:34:56.789+00'::timestamptz)::text,
    'of version 7, with its moment'
);

-- Catalogue --------------------------------------------------------------------------------------

create temporary table catalogue on commit drop as
select
    (
        select jsonb_agg(x.item)
        from (
            select
                jsonb_build_object('name', c.name, 'description', c.description)
                || jsonb_object_agg(
                    lower(to_char(make_date(2000, s.month, 1), 'Mon')), s.weight::text
                ) as item
            from retail.categories as c
            inner join retail.category_seasonality as s on c.category_id = s.category_id
            group by c.category_id
        ) as x
    ) as categories,
    (
        select
            jsonb_agg(
                jsonb_build_object(
                    'sku', p.sku, 'name', p.name, 'category', c.name, 'type', t.name,
                    'base_price', p.base_price::text, 'cost', k.cost::text,
                    'description', p.description
                )
                order by p.sku
            )
        from retail.products as p
        inner join retail.categories as c on p.category_id = c.category_id
        inner join retail.product_types as t on p.type_id = t.type_id
        inner join retail.product_costs as k on p.product_id = k.product_id
    ) as products;

create function pg_temp.digest(which text[])
returns table (name text, digest text)
language plpgsql
as $$
declare
    v_ignored text;
begin
    foreach name in array which loop
        -- users get their ids by chance
        v_ignored := case name when 'stores' then 'manager_id' else '' end;
        execute format(
            'select md5(string_agg(md5((to_jsonb(t) - %L)::text), %L order by t::text)) from retail.%I as t',
            v_ignored, '', name
        ) into digest;
        return next;
    end loop;
end
$$;
create temporary table digests on commit drop as
select
    'catalogue' as what,
    d.name,
    d.digest
from pg_temp.digest(
    array['categories', 'category_seasonality', 'product_types', 'products', 'product_costs']
) as d;

select
    is(
        retail_demo.load_catalogue(c.categories, c.products), 0,
        'loading the catalogue that is there stores nothing'
    )
from catalogue as c;
select is(retail_demo.load('{}'), '{}', 'nor does the whole demo, where there are stores');
select results_eq(
    $$
    select d.name, d.digest
    from pg_temp.digest(
        array['categories', 'category_seasonality', 'product_types', 'products', 'product_costs']
    ) as d
    $$,
    $$select d.name, d.digest from digests as d where d.what = 'catalogue'$$,
    'and changes nothing'
);
select
    is(
        retail_demo.load_catalogue(
            c.categories,
            jsonb_set(c.products, '{0,base_price}', '"123.45"')
            || jsonb_build_object(
                'sku', 'TEST-1', 'name', 'Test product', 'category', c.products -> 0 -> 'category',
                'type', 'Test type', 'base_price', '2', 'cost', '1.5', 'description', 'A test.'
            )
        ),
        2,
        'a changed and a new product are stored'
    )
from catalogue as c;
select results_eq(
    $$
    select p.product_id, p.base_price, k.cost, t.name::text
    from retail.products as p
    join retail.product_costs as k using (product_id)
    join retail.product_types as t using (category_id, type_id)
    where p.sku = 'TEST-1'
    $$,
    $$
    values (
        retail_demo.uuid('2012-01-01 00:00:00+00', 'product/TEST-1'), 2.00, 1.50, 'Test type'
    )
    $$,
    'with the id that follows from its SKU'
);
select
    throws_ok(
        format(
            'select retail_demo.load_catalogue(%L, %L)',
            c.categories, jsonb_set(c.products, b.path, b.value)
        ),
        '22023',
        format('product %s: %s', b.sku, b.message),
        b.message
    )
from catalogue as c
cross join lateral (
    values
    (
        '{0,base_price}'::text[], '"1,50"'::jsonb, c.products -> 0 ->> 'sku',
        'base_price must be an amount above 0 with at the most 2 decimals, not ''1,50'''
    ),
    (
        '{0,cost}', 'null', c.products -> 0 ->> 'sku',
        'cost must be an amount above 0 with at the most 2 decimals, not empty'
    ),
    (
        '{0,category}', '"Nothing"', c.products -> 0 ->> 'sku',
        'category must be the name of one of the categories, not ''Nothing'''
    ),
    (
        '{0,sku}', '"no sku"', 'no sku',
        'sku must be 1 to 40 capital letters, digits or hyphens, not ''no sku'''
    ),
    (
        '{1,sku}', c.products -> 0 -> 'sku', c.products -> 0 ->> 'sku',
        format('sku must be unique, not %L', c.products -> 0 ->> 'sku')
    )
) as b (path, value, sku, message);
select
    throws_ok(
        format(
            'select retail_demo.load_catalogue(%L, %L)',
            jsonb_set(c.categories, '{0,may}', '"0"'), c.products
        ),
        '22023',
        format(
            'category %s: may must be a number above 0 and below 100 '
            'with at the most 2 decimals, not ''0''',
            c.categories -> 0 ->> 'name'
        ),
        'a category needs a demand in each month'
    )
from catalogue as c;
select throws_ok(
    $$select retail_demo.load_catalogue('{}', '[]')$$,
    '22023', 'categories and products must be JSON arrays of objects', 'an array is wanted'
);

-- Generating -------------------------------------------------------------------------------------

select throws_ok(
    $$select retail_demo.generate(1, '2024-02-29', 800)$$,
    '55000', 'there are stores already: demo data go into an empty database only',
    'a filled database is left alone'
);

select tests.clear_stores();

select throws_ok(
    $$select retail_demo.generate(null, '2024-02-29', 800)$$,
    '22023', 'seed must be a whole number', 'a seed is needed'
);
select throws_ok(
    $$select retail_demo.generate(1, '2024-02-29', 99)$$,
    '22023', 'orders must be a number from 100 to 5000000', '99 orders are too few'
);
select throws_like(
    $$select retail_demo.generate(1, (now() at time zone 'UTC')::date + 1, 2000)$$,
    'as_of must be a day from 2022-01-01 to %, today in UTC', 'no order in the future'
);

set local client_min_messages = warning;
select is(
    retail_demo.generate(1, '2024-02-29', 800) - 'order_items' - 'inventory',
    '{"stores": 8, "customers": 200, "orders": 800}',
    'it says how many rows there are'
);
insert into digests (what, name, digest)
select
    'seed 1',
    d.name,
    d.digest
from pg_temp.digest(
    array['regions', 'stores', 'customers', 'orders', 'order_items', 'daily_sales', 'inventory']
) as d;
select is(
    (select row(count(*), count(distinct o.store_id))::text from retail.orders as o),
    '(800,8)',
    'there are exactly as many orders, in every store'
);
select is_empty('table retail.check_rollups', 'what is summed up is what was sold');
select is(
    (
        select count(distinct o.store_id)
        from retail.orders as o
        where o.order_date >= date '2024-02-29' - 90
    ),
    8::bigint,
    'every store has orders in the last 90 days'
);
select is_empty(
    $$
    select o.order_id
    from retail.orders as o
    join retail.customers as c using (store_id, customer_id)
    where
        c.created_at >= o.ordered_at
        or o.ordered_at not between '2018-02-28 08:00:00+00' and '2024-02-28 23:59:59+00'
    $$,
    'the six years before a leap day'
);

select tests.clear_stores();
select lives_ok(
    $$select retail_demo.generate(1, '2024-02-29', 800)$$, 'generated once more'
);
select results_eq(
    $$
    select d.name, d.digest
    from pg_temp.digest(
        array['regions', 'stores', 'customers', 'orders', 'order_items', 'daily_sales', 'inventory']
    ) as d
    $$,
    $$select d.name, d.digest from digests as d where d.what = 'seed 1'$$,
    'the rows are the same'
);

select tests.clear_stores();
select lives_ok(
    $$select retail_demo.generate(2, '2024-02-29', 800)$$, 'generated with another seed'
);
select is_empty(
    $$
    select d.name
    from pg_temp.digest(
        array['customers', 'orders', 'order_items', 'daily_sales', 'inventory']
    ) as d
    join digests using (name, digest)
    $$,
    'the rows are others'
);

select finish();
rollback;
