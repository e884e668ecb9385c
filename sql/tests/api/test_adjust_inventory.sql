-- api.adjust_inventory with retail.change_stock: store a has 7 hammers and no paint, b 5 hammers
-- and never had paint, c 3 hammers.
begin;
set local search_path = tests, ext, public;
select plan(32);
select tests.load_fixture();

create function pg_temp.stock()
returns text
language sql
immutable
return $query$
    select
        concat_ws(
            ' ', right(i.store_id::text, 1), right(i.product_id::text, 2), i.stock_level
        ) as line
    from retail.inventory as i
    where i.store_id::text ~ '00000000000[abc]$'
    order by line
$query$;
create function pg_temp.change(
    change integer, key text default 'k', store text default null, sku text default 'TEST-HAMMER',
    more jsonb default '{}'
)
returns jsonb
language sql
return jsonb_build_object(
    'sku',
    change.sku,
    'change',
    change.change,
    'reason',
    'stock-taking',
    'idempotency_key',
    change.key
) || coalesce(jsonb_build_object('store_id', tests.store(change.store)), '{}') || change.more;

select is(
    (
        select t -> 'annotations'
        from
            jsonb_array_elements(
                mcp.list_tools(tests.credential('head'), groups => '{all}') -> 'tools'
            ) as t
        where t ->> 'name' = 'adjust_inventory'
    ),
    '{"readOnlyHint": false, "destructiveHint": true,
    "idempotentHint": true, "openWorldHint": false}',
    'it overwrites, and may be repeated'
);
select is(
    tests.call('manager_a', 'adjust_inventory', pg_temp.change(-7, more => '{"dry_run": true}')),
    jsonb_build_object(
        'store_id', tests.store('a'), 'sku', 'TEST-HAMMER', 'name', 'Test Quuxhammer',
        'previous_stock_level', 7, 'stock_level', 0, 'is_dry_run', true, 'is_repeat', false
    ),
    'a dry run says what would happen'
);
select results_eq(
    pg_temp.stock(), array['a e1 7', 'a e2 0', 'b e1 5', 'c e1 3'], 'nothing happened'
);
select is_empty(
    $$select from mcp_tool.requests as w where w.scope = tests.store('a')::text$$,
    'and the key is free'
);

-- each within the own scope
select
    is(
        tests.call(
            c.who, 'adjust_inventory', pg_temp.change(c.change, c.key, c.store, c.sku)
        ) - '{sku,name,is_dry_run,is_repeat}'::text [],
        jsonb_build_object(
            'store_id', tests.store(c.in_store), 'previous_stock_level', c.previous,
            'stock_level', c.level
        ),
        format('%s: %s of %s in store %s', c.who, c.change, c.sku, c.in_store)
    )
from (
    values
    ('manager_a', -7, '1', null, 'TEST-HAMMER', 'a', 7, 0),
    ('manager_a', 5, '2', 'a', 'TEST-PAINT', 'a', 0, 5),
    ('manager_b', 2, '3', null, 'TEST-PAINT', 'b', null, 2),
    ('regional', 1, '4', 'a', 'TEST-HAMMER', 'a', 0, 1),
    ('head', -3, '5', 'c', 'TEST-HAMMER', 'c', 3, 0)
) as c (who, change, key, store, sku, in_store, previous, level);
select results_eq(
    pg_temp.stock(),
    array['a e1 1', 'a e2 5', 'b e1 5', 'b e2 2', 'c e1 0'],
    'the stock of these stores and products'
);
select results_eq(
    $$
    select
        concat_ws(
            ' ', right(w.scope, 1), w.tool, w.request ->> 'reason', u.name,
            w.result ->> 'stock_level'
        ) as line
    from mcp_tool.requests as w
    join mcp_auth.users as u using (user_id)
    where w.scope ~ '00000000000[abc]$'
    order by w.idempotency_key
    $$,
    array[
        'a adjust_inventory stock-taking Test manager_a 0',
        'a adjust_inventory stock-taking Test manager_a 5',
        'b adjust_inventory stock-taking Test manager_b 2',
        'a adjust_inventory stock-taking Test regional 1',
        'c adjust_inventory stock-taking Test head 0'
    ],
    'who did it, and why, is kept'
);
select results_eq(
    $$
    select concat_ws(' ', c.operation, c.old_row ->> 'stock_level', c.new_row ->> 'stock_level', u.name) as line
    from retail.change_log as c
    join mcp_auth.users as u using (user_id)
    where c.table_name = 'inventory' and c.store_id::text ~ '00000000000[abc]$'
    order by c.change_id
    $$,
    array[
        'update 7 0 Test manager_a', 'update 0 5 Test manager_a', 'insert 2 Test manager_b',
        'update 0 1 Test regional', 'update 3 0 Test head'
    ],
    'and what it was before'
);

-- the same key
select is(
    tests.call('regional', 'adjust_inventory', pg_temp.change(1, '4', 'a')),
    jsonb_build_object(
        'store_id', tests.store('a'), 'sku', 'TEST-HAMMER', 'name', 'Test Quuxhammer',
        'previous_stock_level', 0, 'stock_level', 1, 'is_dry_run', false, 'is_repeat', true
    ),
    'the same key gets the same answer'
);
select
    is(
        tests.refusal('manager_a', 'adjust_inventory', c.arguments) ->> 'code',
        '23505',
        c.description
    )
from (
    values
    (pg_temp.change(2, '4'), 'the same key with another number'),
    (pg_temp.change(1, '4', sku => 'TEST-PAINT'), 'with another product'),
    (pg_temp.change(1, '4', more => '{"reason": "delivery"}'), 'with another reason')
) as c (arguments, description);

-- refused, without a trace
create temporary table untouched on commit drop as
select
    (select count(*) from mcp_tool.requests) as keys,
    (select count(*) from retail.change_log) as changes;
select
    is(
        tests.refusal(c.who, 'adjust_inventory', c.arguments) - 'hint' - 'constraint',
        jsonb_build_object('code', c.code, 'message', c.message, 'column', c.field),
        format('%s is refused: %s', c.who, c.message)
    )
from (
    values
    (
        'manager_a', pg_temp.change(-2, 'n'), '23505',
        'stock too low: the store has 1 of Test Quuxhammer, and 2 are to be taken', ''
    ),
    (
        'head', pg_temp.change(-1, 'n', 'c', 'TEST-PAINT'), '23505',
        'stock too low: the store has 0 of Test Quuxpaint, and 1 are to be taken', ''
    ),
    (
        'manager_a',
        pg_temp.change(1, 'n', sku => 'NO-SUCH'),
        'P0002',
        'no product has SKU NO-SUCH',
        ''
    ),
    (
        'manager_a', pg_temp.change(0, 'n'), '22023',
        'change must be a whole number from -100000 to 100000 other than 0', 'change'
    ),
    (
        'manager_a', pg_temp.change(100001, 'n'), '22023',
        'change must be a whole number from -100000 to 100000 other than 0', 'change'
    ),
    (
        'manager_a', pg_temp.change(1, 'n', more => '{"reason": "  "}'), '22023',
        'reason must be a reason of 3 to 200 characters without blanks around it', 'reason'
    ),
    (
        'manager_a', pg_temp.change(1, 'n e w'), '22023',
        'idempotency_key must be a key of 1 to 100 visible ASCII characters', 'idempotency_key'
    ),
    (
        'regional', pg_temp.change(1, 'n'), '22023',
        'store_id must be one of the stores that list_stores shows', 'store_id'
    ),
    ('manager_a', pg_temp.change(1, 'n', 'b'), '42501', 'not allowed', ''),
    ('regional', pg_temp.change(1, 'n', 'c'), '42501', 'not allowed', ''),
    ('nobody', pg_temp.change(1, 'n', 'a'), '42501', 'not allowed', ''),
    (
        'nobody',
        pg_temp.change(1, 'n'),
        '22023',
        'store_id must be one of the stores that list_stores shows',
        'store_id'
    )
) as c (who, arguments, code, message, field);
select results_eq(
    pg_temp.stock(),
    array['a e1 1', 'a e2 5', 'b e1 5', 'b e2 2', 'c e1 0'],
    'the stock is as it was'
);
select
    is(
        (select count(*) from mcp_tool.requests), u.keys, 'no key of what was refused'
    )
from untouched as u;
select is((select count(*) from retail.change_log), u.changes, 'and no change')
from untouched as u;

-- the scope of keys is a second wall behind retail.store_to_write
select is(
    tests.error_of(
        format(
            'select * from tests.rows_as(tests.credential(%L), %L)', 'manager_a',
            $$
            select retail.change_stock(
                '00000000-0000-7000-8000-00000000000b', 'TEST-HAMMER', 1, 'taken', 'x'
            )
            $$
        )
    ) ->> 'message',
    'not allowed',
    'a change in another store'
);

select finish();
rollback;
