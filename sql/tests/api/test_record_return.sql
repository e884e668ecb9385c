-- api.record_return with retail.take_back: the order of the fixture's store a of yesterday has
-- 2 hammers at 10.00, and 1 paint at 25.50 less 5.50.
begin;
set local search_path = tests, ext, public;
select plan(34);
select tests.clear_stores();
select tests.load_fixture();

create function pg_temp.sold()
returns text
language sql
immutable
return $query$
    select
        concat_ws(
            ' ', right(i.order_id::text, 2), i.line_number, i.quantity, i.discount_amount,
            i.line_amount, o.total_amount
        ) as line
    from retail.order_items as i
    inner join retail.orders as o using (store_id, order_id)
    where i.store_id::text ~ '00000000000[abc]$'
    order by line
$query$;
create function pg_temp.stock(product text)
returns integer
language sql
stable
return (
    select i.stock_level
    from retail.inventory as i
    where i.store_id = tests.store('a') and right(i.product_id::text, 2) = stock.product
);
create function pg_temp.back(
    lines text, key text default 'k', order_no text default 'a1', more jsonb default '{}'
)
returns jsonb
language sql
return jsonb_build_object(
    'order_id', '00000000-0000-7000-8000-0000000002' || back.order_no,
    'lines', back.lines::jsonb,
    'idempotency_key', back.key
) || back.more;

select is(
    (
        select t -> 'annotations'
        from jsonb_array_elements(mcp.list_tools(tests.credential('manager_a')) -> 'tools') as t
        where t ->> 'name' = 'record_return'
    ),
    '{"readOnlyHint": false, "destructiveHint": true,
    "idempotentHint": true, "openWorldHint": false}',
    'it takes away, and may be repeated'
);

-- a dry run
select is(
    tests.call(
        'manager_a', 'record_return',
        pg_temp.back('[{"line_number": 1, "quantity": 1}]', more => '{"dry_run": true}')
    ),
    jsonb_build_object(
        'order_id', '00000000-0000-7000-8000-0000000002a1', 'store_id', tests.store('a'),
        'refund_amount', 10.00, 'total_amount', 30.00,
        'lines',
        '[{"line_number": 1, "sku": "TEST-HAMMER", "name": "Test Quuxhammer", "quantity": 1,
        "refund_amount": 10.00, "quantity_left": 1, "stock_level": 8}]'::jsonb,
        'is_dry_run', true, 'is_repeat', false
    ),
    'a dry run says what would happen'
);
select results_eq(
    pg_temp.sold(),
    array[
        'a1 1 2 0.00 20.00 40.00', 'a1 2 1 5.50 20.00 40.00', 'a2 1 1 0.00 10.00 10.00',
        'b1 1 3 0.00 76.50 76.50', 'c1 1 1 0.00 10.00 10.00'
    ],
    'nothing came back'
);
select is(pg_temp.stock('e1'), 7, 'the stock is as it was');
select is_empty(
    $$select from mcp_tool.requests as w where w.scope ~ '00000000000[abc]$'$$,
    'and the key is free'
);

-- parts of two lines, in the order they are named
create temporary table returned on commit drop as
select tests.call(
    'manager_a', 'record_return',
    pg_temp.back('[{"line_number": 2, "quantity": 1}, {"line_number": 1, "quantity": 1}]')
) as r;
select
    is(
        r.r,
        jsonb_build_object(
            'order_id', '00000000-0000-7000-8000-0000000002a1', 'store_id', tests.store('a'),
            'refund_amount', 30.00, 'total_amount', 10.00,
            'lines',
            '[{"line_number": 2, "sku": "TEST-PAINT", "name": "Test Quuxpaint", "quantity": 1,
        "refund_amount": 20.00, "quantity_left": 0, "stock_level": 1},
        {"line_number": 1, "sku": "TEST-HAMMER", "name": "Test Quuxhammer", "quantity": 1,
        "refund_amount": 10.00, "quantity_left": 1, "stock_level": 8}]'::jsonb,
            'is_dry_run', false, 'is_repeat', false
        ),
        'what is paid back, what stays sold, and the stock'
    )
from returned as r;
select results_eq(
    pg_temp.sold(),
    array[
        'a1 1 1 0.00 10.00 10.00', 'a2 1 1 0.00 10.00 10.00', 'b1 1 3 0.00 76.50 76.50',
        'c1 1 1 0.00 10.00 10.00'
    ],
    'a line that came back whole is gone'
);
select results_eq(
    $$
    select concat_ws(' ', c.table_name, c.operation, u.name) collate "default" as line
    from retail.change_log as c
    join mcp_auth.users as u using (user_id)
    where c.store_id = tests.store('a')
    order by line
    $$,
    array[
        'inventory update Test manager_a', 'inventory update Test manager_a',
        'order_items delete Test manager_a', 'order_items update Test manager_a',
        'orders update Test manager_a', 'orders update Test manager_a'
    ],
    'the change log says who did it'
);
select is(
    (
        select c.old_row ->> 'line_amount'
        from retail.change_log as c
        where
            c.table_name = 'order_items'
            and c.operation = 'delete'
            and c.store_id = tests.store('a')
    ),
    '20.00',
    'and what the line was'
);
select is_empty('table retail.check_rollups', 'the rollups are exact');
select
    is(
        tests.call(
            'manager_a', 'record_return',
            pg_temp.back('[{"line_number": 2, "quantity": 1}, {"line_number": 1, "quantity": 1}]')
        ),
        r.r || '{"is_repeat": true}',
        'the same key gets the same answer'
    )
from returned as r;
select is(pg_temp.stock('e1'), 8, 'and nothing more comes back');
select is(
    tests.refusal(
        'manager_a', 'record_return', pg_temp.back('[{"line_number": 1, "quantity": 1}]')
    ) ->> 'code',
    '23505',
    'the same key with other lines'
);

-- a discount goes back by its part, and to the cent
update retail.order_items set quantity = 3, discount_amount = 1.00
where order_id = '00000000-0000-7000-8000-0000000002a2';
select
    is(
        tests.call(
            'manager_a',
            'record_return',
            pg_temp.back('[{"line_number": 1, "quantity": 1}]', b.key, 'a2')
        ) - '{order_id,store_id,lines,is_dry_run,is_repeat}'::text [],
        b.expected::jsonb,
        format('of 30.00 less 1.00: %s', b.key)
    )
from (
    values
    ('first', '{"refund_amount": 9.67, "total_amount": 19.33}'),
    ('second', '{"refund_amount": 9.67, "total_amount": 9.66}'),
    ('third', '{"refund_amount": 9.66, "total_amount": 0.00}')
) as b (key, expected);
select is(
    (
        select concat_ws(' ', t.order_count, t.line_count, t.net_amount)
        from retail.daily_totals as t
        inner join retail.orders as o on o.store_id = t.store_id and o.order_date = t.sales_date
        where o.order_id = '00000000-0000-7000-8000-0000000002a2'
    ),
    '1 0 0.00',
    'an order of which nothing is left stays an order'
);

-- not to be sold again
select is(
    tests.call(
        'manager_a', 'record_return',
        pg_temp.back('[{"line_number": 1, "quantity": 1}]', 'broken', more => '{"restock": false}')
    ) #> '{lines,0,stock_level}',
    '11',
    'broken goods come back'
);
select is(pg_temp.stock('e1'), 11, 'and the stock stays');

-- refused, without a trace
create temporary table untouched on commit drop as
select
    (select count(*) from mcp_tool.requests) as keys,
    (select count(*) from retail.change_log) as changes;
select
    is(
        tests.refusal('manager_b', 'record_return', c.arguments) - 'hint' - 'constraint',
        jsonb_build_object('code', c.code, 'message', c.message, 'column', c.field),
        format('refused: %s', c.message)
    )
from (
    values
    (
        pg_temp.back('[{"line_number": 1, "quantity": 4}]', 'n', 'b1'), '23505',
        'line 1 has 3 left of Test Quuxpaint, and 4 come back', ''
    ),
    (
        pg_temp.back('[{"line_number": 2, "quantity": 1}]', 'n', 'b1'), 'P0002',
        'the order has no line 2', ''
    ),
    (
        pg_temp.back('[{"line_number": 1, "quantity": 1}]', 'n', 'a1'), 'P0002',
        'no order 00000000-0000-7000-8000-0000000002a1 in the store', ''
    ),
    (
        pg_temp.back(
            '[{"line_number": 1, "quantity": 1}, {"line_number": 1, "quantity": 1}]', 'n', 'b1'
        ), '22023', 'lines must be one entry for each line of the order', 'lines'
    ),
    (
        pg_temp.back('[{"line_number": 0, "quantity": 1}]', 'n', 'b1'), '22023',
        'lines[0].line_number must be a whole number from 1 to 32767', 'lines[0].line_number'
    ),
    (
        pg_temp.back('[{"line_number": 1, "quantity": -1}]', 'n', 'b1'), '22023',
        'lines[0].quantity must be a whole number from 1 to 10000', 'lines[0].quantity'
    ),
    (
        pg_temp.back('[{"line_number": 1, "quantity": 1, "why": "x"}]', 'n', 'b1'), '22023',
        'unknown field: lines[0].why', 'lines[0].why'
    ),
    (
        pg_temp.back('[{"line_number": 1, "quantity": 1}]', 'n', 'a1')
        || jsonb_build_object('store_id', tests.store('a')), '42501', 'not allowed', ''
    )
) as c (arguments, code, message, field);
select
    is(
        tests.refusal(
            w.who, 'record_return', pg_temp.back('[{"line_number": 1, "quantity": 1}]', 'n')
        )
        ->> 'code',
        '42883',
        format('%s does not have the tool', w.who)
    )
from unnest(array['regional', 'head', 'nobody']) as w (who);
select results_eq(
    pg_temp.sold(),
    array['b1 1 3 0.00 76.50 76.50', 'c1 1 1 0.00 10.00 10.00'],
    'the lines of the other stores are as they were'
);
select
    is(
        (select count(*) from mcp_tool.requests), u.keys, 'no key of what was refused'
    )
from untouched as u;
select is((select count(*) from retail.change_log), u.changes, 'and no change')
from untouched as u;
select is_empty('table retail.check_rollups', 'the rollups are exact');

select finish();
rollback;
