-- What a search is made of: use_search_probes, product_matches, category_named, product_condition,
-- filtered_products, products_named, query_words, products_by_words, products_by_meaning and more;
-- and valid_values.
begin;
set local search_path = tests, ext, public;
select plan(137);
select tests.load_fixture();

-- use_search_probes
update retail.embedding_models set is_active = false
where is_active;
select is(set_config('ivfflat.probes', '7', true), '7', 'the session''s own probes');
select retail.use_search_probes();
select is(current_setting('ivfflat.probes'), '7', 'without an active model nothing is set');
insert into retail.embedding_models
(model, is_active, similarity_threshold, method, lists, probes, product_count)
values
('test-model', true, 0.5, 'ivfflat', 10, 4, 3),
('other-model', false, 0.5, 'ivfflat', 10, 9, 3);
select retail.use_search_probes();
select is(current_setting('ivfflat.probes'), '4', 'the probes of the active model');
select is(
    current_setting('ivfflat.iterative_scan'),
    'relaxed_order',
    'a scan goes on until enough rows passed the filters'
);
select
    is(
        has_function_privilege(r.role, 'retail.use_search_probes()', 'execute'),
        r.expected,
        format('%s may set the probes: %s', r.role, r.expected)
    )
from (values ('mcp_tools', true), ('mcp_sandbox', false), ('zava_mcp', false))
    as r (role, expected);

update retail.embedding_models set method = 'exact', lists = null, probes = null
where is_active;
select is(set_config('ivfflat.probes', '7', true), '7', 'the session''s own probes again');
select retail.use_search_probes();
select is(current_setting('ivfflat.probes'), '7', 'where searches are exact nothing is set');

-- product_matches, as the tools run it
create function pg_temp.matches(who text, skus text [], similarities text default 'null')
returns jsonb
language sql
return (
    select r -> 'found'
    from tests.rows_as(
        tests.credential(matches.who),
        format(
            'select retail.product_matches(array(select p.product_id '
            'from unnest(%L::text[]) with ordinality as s (sku, n) '
            'join retail.products as p using (sku) order by s.n), %s) as found',
            matches.skus, matches.similarities
        )
    ) as r
);
select is(
    pg_temp.matches('regional', '{TEST-HAMMER}', 'array[0.123456]'),
    jsonb_build_array(
        jsonb_build_object(
            'product_id', '00000000-0000-7000-8000-0000000000e1', 'sku', 'TEST-HAMMER',
            'name', 'Test Quuxhammer', 'category', 'Test Tools', 'description', 'Drives quuxnails.',
            'price', 10.00, 'similarity', 0.1235, 'total_stock', 12,
            'stock', jsonb_build_array(
                jsonb_build_object(
                    'store_id', tests.store('a'), 'store_name', 'Test Store A', 'stock_level', 7
                ),
                jsonb_build_object(
                    'store_id', tests.store('b'), 'store_name', 'Test Store B', 'stock_level', 5
                )
            )
        )
    ),
    'a product with the stock of two stores, the similarity to four digits'
);
select
    is(
        jsonb_path_query_array(
            pg_temp.matches(c.who, array['TEST-PAINT', 'TEST-HAMMER']), '$[*].total_stock'
        ),
        c.total::jsonb,
        format('%s: pieces of both, in the order asked for', c.who)
    )
from (
    values
    ('manager_a', '[0, 7]'),
    ('manager_b', '[0, 5]'),
    ('manager_c', '[0, 3]'),
    ('head', '[0, 15]'),
    ('nobody', '[0, 0]')
) as c (who, total);
select is(
    pg_temp.matches('manager_a', '{TEST-PAINT}') #> '{0,stock}',
    '[]',
    'a store that has none of it is not listed'
);
select
    results_eq(
        tests.reads(
            c.who, format('select to_jsonb(retail.product_matches(%L::uuid[], null))', c.ids)
        ),
        array[c.expected],
        format('%s: how many of %s', coalesce(c.who, 'nobody identified'), c.ids)
    )
from (
    values
    ('head', '{00000000-0000-7000-8000-0000000000ef}', '[]'),
    ('head', null, '[]'),
    (null, '{00000000-0000-7000-8000-0000000000e1}', '[]')
) as c (who, ids, expected);

-- category_named
select
    results_eq(
        tests.reads('manager_a', format('select retail.category_named(%L)', c.category)),
        array[c.expected],
        format('category "%s"', c.category)
    )
from (
    values
    ('Test Paints', '00000000-0000-7000-8000-0000000000c2'),
    (' test PAINTS ', '00000000-0000-7000-8000-0000000000c2'),
    (null, null)
) as c (category, expected);
select
    throws_like(
        tests.reads('manager_a', format('select retail.category_named(%L)', c.category)),
        'category must be one of %Test Paints, Test Tools%',
        format('no category "%s": the message names those there are', c.category)
    )
from unnest(array['Test Paint', '', '%']) as c (category);
select throws_like(
    tests.reads(null, $$select retail.category_named('Test Paints')$$),
    'category must be%',
    'nobody without an identity finds a category'
);
select
    is(
        has_function_privilege(r.role, 'retail.category_named(text)', 'execute'),
        r.role = 'mcp_tools',
        format('%s may ask for a category: %s', r.role, r.role = 'mcp_tools')
    )
from unnest(array['mcp_tools', 'mcp_sandbox', 'zava_mcp']) as r (role);

-- wanted_products and product_condition
select
    is(
        retail.product_condition(c.wanted::retail.product_filter),
        c.expected,
        format('condition of %s', c.wanted)
    )
from (
    values
    (null, 'true'),
    ('(,,,,)', 'true'),
    ('(,,,f,)', 'true'),
    (
        '(00000000-0000-7000-8000-0000000000c1,1,2,,{00000000-0000-7000-8000-0000000000e1})',
        'p.category_id = $1 and p.base_price >= $2 and p.base_price <= $3 '
        'and p.product_id <> all($4)'
    ),
    (
        '(,,,t,)',
        '(select true from retail.inventory as i where i.store_id = any($5) '
        'and i.product_id = p.product_id and i.stock_level > 0 limit 1)'
    )
) as c (wanted, expected);
select results_eq(
    tests.reads('manager_a', $$select retail.wanted_products('test PAINTS', 1, 2, true)::text$$),
    array['(00000000-0000-7000-8000-0000000000c2,1,2,t,)'],
    'the arguments of a tool as a filter'
);

-- filtered_products: those that pass, when they are few; stock is that of the caller's stores
create function pg_temp.few(who text, wanted text, few integer)
returns text
language sql
return (
    select r ->> 'skus'
    from tests.rows_as(
        tests.credential(few.who),
        format(
            'select case when f.ids is not null then coalesce(('
            'select string_agg(p.sku, '' '' order by p.sku) '
            'from retail.products as p where p.product_id = any(f.ids)), '''') end as skus '
            'from (select retail.filtered_products(%L, %s) as ids) as f', few.wanted, few.few
        )
    ) as r
);
select
    is(
        pg_temp.few(c.who, c.wanted, c.few),
        c.expected,
        format('few for %s: %s %s', c.who, c.wanted, c.few)
    )
from (
    values
    ('manager_a', '(00000000-0000-7000-8000-0000000000c1,,,,)', 1, 'TEST-HAMMER'),
    ('manager_a', '(00000000-0000-7000-8000-0000000000c1,,,,)', 0, null),
    ('manager_a', '(00000000-0000-7000-8000-0000000000c1,,,t,)', 1, 'TEST-HAMMER'),
    ('manager_a', '(00000000-0000-7000-8000-0000000000c2,,,t,)', 1, ''),
    ('manager_a', '(00000000-0000-7000-8000-0000000000c1,10.01,,,)', 1, ''),
    ('manager_a', '(,,,t,)', 1, 'TEST-HAMMER'),
    ('manager_a', '(,,,t,{00000000-0000-7000-8000-0000000000e1})', 1, ''),
    ('regional', '(,,,t,)', 1, 'TEST-HAMMER'),
    ('regional', '(,,,t,)', 1500000000, 'TEST-HAMMER'),
    ('nobody', '(,,,t,)', 1, ''),
    ('manager_a', '(,,,,)', 1000000, null),
    ('manager_a', '(,,,,{00000000-0000-7000-8000-0000000000e1})', 1000000, null)
) as c (who, wanted, few, expected);

-- products_named
select
    is(
        (
            select string_agg(p.sku, ' ' order by p.sku)
            from retail.products as p
            where
                p.product_id = any(
                    retail.products_named(c.query, c.wanted::retail.product_filter)
                )
        ),
        c.expected,
        format('named by "%s" %s', c.query, c.wanted)
    )
from (
    values
    ('TEST-HAMMER', null, 'TEST-HAMMER'),
    ('is test-paint or (test-hammer) better?', null, 'TEST-HAMMER TEST-PAINT'),
    (' test quuxPAINT', null, 'TEST-PAINT'),
    ('a test quuxpaint', null, null),
    ('TEST-HAMMERS', null, null),
    ('TEST-HAMMER', '(00000000-0000-7000-8000-0000000000c2,,,,)', null),
    (null, null, null)
) as c (query, wanted, expected);

-- query_words
-- in a catalogue in which the fixture's words are rare, with or without the demo
insert into retail.products (sku, name, description, category_id, type_id, base_price)
select
    'FILL-' || n,
    'Filling ' || n,
    'One of a hundred others',
    p.category_id,
    p.type_id,
    1.00
from retail.products as p
cross join generate_series(1, 100) as n
where p.sku = 'TEST-HAMMER';
select results_eq(
    $$
    select
        w.word::text,
        w.product_count
    from retail.query_words('The quuxnails, and a "test"?') as w
    $$,
    $$
    values
    ('''quuxnail''', 1::bigint),
    ('''test''', (select count(*) from retail.products as p where p.search_vector @@ 'test'))
    $$,
    'words of the catalogue, the rare one first, stop words left out'
);
select is(
    (select w.weight from retail.query_words('quuxnail') as w)
    > 1.5 * (select w.weight from retail.query_words('hammer') as w),
    true,
    'what is rare weighs more'
);
select
    is_empty(
        format('select * from retail.query_words(%L)', q.query),
        format('no words in %s', coalesce(q.query, 'null'))
    )
from (
    values (null), (''), ('the of and'), ('''\ & | ! <-> :*'), ('クギ'), ('quuxzebra')
) as q (query);
insert into retail.products
(product_id, sku, name, description, category_id, type_id, base_price)
select
    '00000000-0000-7000-8000-0000000000e4',
    'TEST-ODD',
    'Test odd',
    e'See test.example/it''s?\\a&b.',
    p.category_id,
    p.type_id,
    1.00
from retail.products as p
where p.sku = 'TEST-HAMMER';
select is(
    retail.products_by_words(e'test.example/it''s?\\a&b', null, null, 1),
    array['00000000-0000-7000-8000-0000000000e4'::uuid],
    'a word with signs of the query language is a word'
);

-- products_by_words and products_by_meaning: by the index and one by one
select
    is(
        (
            select string_agg(right(i.id::text, 2), ' ' order by i.n)
            from
                unnest(
                    retail.products_by_words(
                        c.query, c.wanted::retail.product_filter, c.few::uuid [], c.depth
                    )
                ) with ordinality as i (id, n)
        ),
        c.expected,
        format('by words: "%s" %s %s %s', c.query, c.wanted, c.few, c.depth)
    )
from (
    values
    ('quuxnails quuxpaint', null, null, 9, 'e2 e1'),
    ('quuxnails quuxpaint', null, null, 1, 'e2'),
    ('quuxnails quuxpaint', '(,,,,{00000000-0000-7000-8000-0000000000e2})', null, 9, 'e1'),
    ('quuxnails quuxpaint', '(,,20,,)', null, 9, 'e1'),
    ('quuxnails quuxpaint', null, '{00000000-0000-7000-8000-0000000000e1}', 9, 'e1'),
    ('quuxnails quuxpaint', null, '{}', 9, null),
    ('quuxzebra', null, null, 9, null),
    (null, null, null, 9, null)
) as c (query, wanted, few, depth, expected);

insert into retail.product_description_embeddings
(product_id, model, description_embedding, source_hash)
select
    p.product_id,
    'test-model',
    (array[v.x, v.y] || array_fill(0::double precision, array[1534]))::retail.embedding,
    sha256('')
from (values ('TEST-HAMMER', 1.0, 0.0), ('TEST-PAINT', 0.6, 0.8)) as v (sku, x, y)
inner join retail.products as p on v.sku = p.sku;
select
    is(
        (
            select r ->> 'found'
            from tests.rows_as(
                tests.credential(c.who),
                format(
                    'select (select string_agg(right(i.id::text, 2), '' '' order by i.n) '
                    'from unnest((retail.products_by_meaning('
                    '%L::retail.embedding, %L, %L, %L, %s)).product_ids) '
                    'with ordinality as i (id, n)) as found',
                    (array[1, 0] || array_fill(0, array[1534]))::retail.embedding,
                    c.model, c.wanted, c.few, c.depth
                )
            ) as r
        ),
        c.expected,
        format('by meaning: %s %s %s %s %s', c.who, c.model, c.wanted, c.few, c.depth)
    )
from (
    values
    ('manager_a', 'test-model', null, null, 9, 'e1 e2'),
    ('manager_a', 'test-model', null, null, 1, 'e1'),
    ('manager_a', 'other-model', null, null, 9, null),
    ('manager_a', 'test-model', '(,,,,{00000000-0000-7000-8000-0000000000e1})', null, 9, 'e2'),
    ('manager_a', 'test-model', '(,20,,,)', null, 9, 'e2'),
    ('manager_a', 'test-model', '(,,,t,)', null, 9, 'e1'),
    ('manager_c', 'test-model', '(,,,t,)', null, 9, 'e1'),
    ('nobody', 'test-model', '(,,,t,)', null, 9, null),
    ('manager_a', 'test-model', null, '{00000000-0000-7000-8000-0000000000e2}', 9, 'e2'),
    ('manager_a', 'test-model', null, '{}', 9, null)
) as c (who, model, wanted, few, depth, expected);

select
    results_eq(
        tests.reads(
            'manager_a',
            format(
                'select array(select round(d::numeric, 4) from unnest((retail.products_by_meaning('
                '%L::retail.embedding, %L, null, %L, 9)).distances) as d)',
                (array[1, 0] || array_fill(0, array[1534]))::retail.embedding, 'test-model', c.few
            )
        ),
        array[c.expected],
        format('how far they are, of %s', c.few)
    )
from (
    values
    (null, '[0.0000, 0.4000]'),
    ('{00000000-0000-7000-8000-0000000000e2}', '[0.4000]')
) as c (few, expected);

-- find_products: sixty others are nearer than the paint, which words alone find
insert into retail.product_description_embeddings
(product_id, model, description_embedding, source_hash)
select
    p.product_id,
    'test-model',
    (
        array[1, 0.001 * row_number() over (order by p.sku)]
        || array_fill(0::double precision, array[1534])
    )::retail.embedding,
    sha256('')
from retail.products as p
where p.sku not like 'TEST-%'
order by p.sku
limit 60;
create function pg_temp.find(
    who text, query text, model text, threshold double precision, wanted text, max_results integer
)
returns jsonb
language sql
return (
    select r -> 'found'
    from tests.rows_as(
        tests.credential(find.who),
        format(
            'select retail.find_products(%L, %L::retail.embedding, %L, %L, %L, %L) as found',
            find.query, (array[1, 0] || array_fill(0, array[1534]))::retail.embedding,
            find.model, find.threshold, find.wanted, find.max_results
        )
    ) as r
);
select
    is(
        (
            select
                concat_ws(
                    ' ', f.found ->> 'mode',
                    string_agg(concat_ws(' ', m ->> 'sku', m ->> 'similarity'), ', ' order by n)
                )
            from
                pg_temp.find(
                    'manager_a', c.query, c.model, c.threshold, c.wanted, c.max_results
                ) as f (found)
            left join
                lateral
                jsonb_array_elements(f.found -> 'rows') with ordinality as m (m, n)
                on m ->> 'sku' like 'TEST-%'
            group by f.found
        ),
        c.expected,
        format('found: %s %s %s %s %s', c.query, c.model, c.threshold, c.wanted, c.max_results)
    )
from (
    values
    -- as good by rank, so the more similar first
    ('quuxpaint', 'test-model', null, null, 2, 'hybrid TEST-HAMMER 1, TEST-PAINT 0.6'),
    ('quuxpaint', 'test-model', null, null, 1, 'hybrid TEST-HAMMER 1'),
    ('quuxpaint', 'test-model', 0.59, null, 2, 'hybrid TEST-HAMMER 1, TEST-PAINT 0.6'),
    ('quuxpaint', 'test-model', 0.61, null, 100, 'hybrid TEST-HAMMER 1'),
    ('test quuxpaint', 'test-model', 0.61, null, 1, 'hybrid TEST-PAINT 0.6'),
    ('quuxpaint', 'test-model', null, '(,,,t,)', 1, 'vector TEST-HAMMER 1'),
    ('quuxzebra', 'test-model', null, null, 1, 'vector TEST-HAMMER 1'),
    -- the vector of a model that is not the active one
    ('quuxpaint', 'other-model', null, null, 2, 'text TEST-PAINT'),
    ('quuxpaint', 'no-model', 0.9, null, 2, 'text TEST-PAINT'),
    ('quuxpaint', null, null, null, 2, 'text TEST-PAINT')
) as c (query, model, threshold, wanted, max_results, expected);
select
    is(
        pg_temp.find(c.who, 'TEST-HAMMER', 'test-model', null, null, 1)
        #> '{rows,0,total_stock}',
        c.expected::jsonb,
        format('%s: the stock of what is found', c.who)
    )
from (
    values
    ('manager_a', '7'), ('manager_b', '5'), ('regional', '12'), ('head', '15'), ('nobody', '0')
) as c (who, expected);
select is(
    pg_temp.find(null, 'TEST-HAMMER', 'test-model', 0, null, 100),
    '{"mode": "text", "rows": [], "row_count": 0}',
    'without an identity nothing is found'
);
select
    throws_ok(
        format(
            'select tests.rows_with(%L, %L)', f.context,
            'select retail.find_products(''TEST-HAMMER'', null, null, null, null, 1)'
        ),
        '42501',
        'invalid request context',
        format('nothing is found with %s', f.how)
    )
from tests.forged('manager_a') as f;

-- who may use what
select
    is(
        has_function_privilege(r.role, f.signature, 'execute'),
        r.role = 'mcp_tools',
        format('%s may execute %s: %s', r.role, f.signature, r.role = 'mcp_tools')
    )
from unnest(array['mcp_tools', 'mcp_sandbox', 'zava_mcp', 'store_managers']) as r (role)
cross join
    unnest(array[
        'retail.filtered_products(retail.product_filter,integer)',
        'retail.products_named(text,retail.product_filter)',
        'retail.products_by_words(text,retail.product_filter,uuid[],integer)',
        'retail.products_by_meaning(retail.embedding,text,retail.product_filter,uuid[],integer)',
        'retail.find_products('
        'text,retail.embedding,text,double precision,retail.product_filter,integer)'
    ]) as f (signature);

-- valid_values
create function pg_temp.names_of(who text, relation text)
returns jsonb
language sql
return (
    select r #> array['found', 'retail.' || names_of.relation]
    from tests.rows_as(
        tests.credential(names_of.who), 'select retail.valid_values() as found'
    ) as r
);
select
    is(
        pg_temp.names_of(c.who, c.relation),
        c.expected::jsonb,
        format('%s: values of %s', c.who, c.relation)
    )
from (
    values
    ('manager_a', 'orders', null),
    ('manager_a', 'regions', '{"name": ["Test North"]}'),
    ('manager_a', 'stores', '{"name": ["Test Store A"]}'),
    ('regional', 'stores', '{"name": ["Test Store A", "Test Store B"]}'),
    ('nobody', 'stores', null)
) as c (who, relation, expected);
select
    is(
        pg_temp.names_of('manager_a', c.relation) -> 'name' @> c.expected::jsonb,
        true,
        format('manager_a: names of %s', c.relation)
    )
from (
    values
    ('categories', '["Test Tools", "Test Paints"]'),
    ('product_types', '["Test Hammers", "Test Wall Paints"]')
) as c (relation, expected);
select is(
    pg_temp.names_of('head', 'stores') #> '{name}'
    @> '["Test Store A", "Test Store B", "Test Store C"]',
    true,
    'head office: every store'
);
select is(
    (
        select array_agg(k.name order by k.name)
        from
            tests.rows_as(
                tests.credential('head'), 'select retail.valid_values() as found'
            ) as r
        cross join jsonb_object_keys(r -> 'found') as k (name)
    ),
    array['retail.categories', 'retail.product_types', 'retail.regions', 'retail.stores'],
    'of these tables'
);

select finish();
rollback;
