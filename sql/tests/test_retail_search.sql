-- retail.use_search_probes, product_match and valid_values.
begin;
set local search_path = tests, ext, public;
select plan(26);
select tests.load_fixture();

-- use_search_probes
update retail.embedding_models set is_active = false
where is_active;
select is(set_config('ivfflat.probes', '7', true), '7', 'the session''s own probes');
select retail.use_search_probes();
select is(current_setting('ivfflat.probes'), '7', 'without an active model nothing is set');
insert into retail.embedding_models
(model, is_active, similarity_threshold, lists, probes, product_count)
values
('test-model', true, 0.5, 10, 4, 3),
('other-model', false, 0.5, 10, 9, 3);
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
from (values ('zava_tools', true), ('zava_sandbox', false), ('zava_mcp', false))
    as r (role, expected);

-- product_match, as the tools run it
create function pg_temp.match(who text, sku text, similarity text default 'null')
returns jsonb
language sql
return (
    select r -> 'match'
    from tests.rows_as(
        tests.credential(match.who),
        format(
            'select retail.product_match(p.product_id, %s) as match '
            'from retail.products as p where p.sku = %L', match.similarity, match.sku
        )
    ) as r
);
select is(
    pg_temp.match('regional', 'TEST-HAMMER', '0.123456'),
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
    ),
    'a product with the stock of two stores, the similarity to four digits'
);
select
    is(
        pg_temp.match(c.who, c.sku) -> 'total_stock',
        to_jsonb(c.total),
        format('%s: pieces of %s', c.who, c.sku)
    )
from (
    values
    ('manager_a', 'TEST-HAMMER', 7),
    ('manager_c', 'TEST-HAMMER', 3),
    ('head', 'TEST-HAMMER', 15),
    ('nobody', 'TEST-HAMMER', 0),
    ('manager_a', 'TEST-PAINT', 0),
    ('manager_b', 'TEST-PAINT', 0)
) as c (who, sku, total);
select is(
    pg_temp.match('manager_a', 'TEST-PAINT') -> 'stock',
    '[]',
    'a store that has none of it is not listed'
);
select is(
    retail.product_match('00000000-0000-7000-8000-0000000000ef', null),
    null,
    'nothing for a product that does not exist'
);

-- valid_values
create function pg_temp.values_of(who text, relation text)
returns jsonb
language sql
return (
    select r -> 'found'
    from tests.rows_as(
        tests.credential(values_of.who),
        format('select retail.valid_values(''retail.%s''::regclass) as found', values_of.relation)
    ) as r
);
select
    is(
        pg_temp.values_of(c.who, c.relation),
        c.expected::jsonb,
        format('%s: values of %s', c.who, c.relation)
    )
from (
    values
    ('manager_a', 'orders', '{"status": ["pending", "completed"]}'),
    ('manager_a', 'change_log', '{"operation": ["insert", "update", "delete"]}'),
    ('manager_a', 'order_items', '{}'),
    ('manager_a', 'stores', '{"name": ["Test Store A"]}'),
    ('regional', 'stores', '{"name": ["Test Store A", "Test Store B"]}'),
    ('nobody', 'stores', '{}')
) as c (who, relation, expected);
select
    is(
        pg_temp.values_of('manager_a', c.relation) -> 'name' @> c.expected::jsonb,
        true,
        format('manager_a: names of %s', c.relation)
    )
from (
    values
    ('categories', '["Test Tools", "Test Paints"]'),
    ('product_types', '["Test Hammers", "Test Wall Paints"]')
) as c (relation, expected);
select is(
    pg_temp.values_of('head', 'stores') #> '{name}'
    @> '["Test Store A", "Test Store B", "Test Store C"]',
    true,
    'head office: every store'
);
select is(
    retail.valid_values('pg_catalog.pg_class'::regclass),
    '{}',
    'nothing of a table of somebody else'
);

select finish();
rollback;
