-- api.record_sale with retail.sell and store_to_write: what it writes, and what it
-- refuses without a trace.
begin;
set local search_path = tests, ext, public;
select plan(51);
select tests.clear_stores();
select tests.load_fixture();

-- store, customer, status, lines, stock, keys: all that a sale may change in the fixture's stores
create function pg_temp.state()
returns jsonb
language sql
stable
return jsonb_build_object(
    'orders', (
        select count(*) from retail.orders as o where o.store_id::text ~ '00000000000[abc]$'
    ),
    'lines', (
        select count(*) from retail.order_items as i where i.store_id::text ~ '00000000000[abc]$'
    ),
    'stock', (
        select
            jsonb_object_agg(
                right(i.store_id::text, 1) || ' ' || right(i.product_id::text, 2), i.stock_level
            )
        from retail.inventory as i
        where i.store_id::text ~ '00000000000[abc]$'
    ),
    'revenue', (
        select jsonb_object_agg(s.store, s.net)
        from (
            select
                right(t.store_id::text, 1) as store,
                sum(t.net_amount) as net
            from retail.daily_totals as t
            where t.store_id::text ~ '00000000000[abc]$'
            group by 1
        ) as s
    ),
    'keys', (
        select count(*) from mcp_tool.requests as w where w.scope ~ '00000000000[abc]$'
    ),
    'log', (
        select count(*) from retail.change_log as c where c.store_id::text ~ '00000000000[abc]$'
    )
);
create temporary table before on commit drop as select pg_temp.state() as state;

create function pg_temp.sale(
    lines text, key text default 'k', customer text default 'a', more jsonb default '{}'
)
returns jsonb
language sql
return jsonb_build_object(
    'customer_id', '00000000-0000-7000-8000-0000000001' || sale.customer || '1',
    'lines', sale.lines::jsonb,
    'idempotency_key', sale.key
) || sale.more;

-- who has it
select
    is(
        exists (
            select
            from jsonb_array_elements(mcp.list_tools(tests.credential(w.who)) -> 'tools') as t
            where t ->> 'name' = 'record_sale'
        ),
        w.expected,
        format('%s has the tool: %s', w.who, w.expected)
    )
from (values ('manager_a', true), ('regional', false), ('head', false)) as w (who, expected);
select is(
    (
        select t -> 'annotations'
        from jsonb_array_elements(mcp.list_tools(tests.credential('manager_a')) -> 'tools') as t
        where t ->> 'name' = 'record_sale'
    ),
    '{"readOnlyHint": false, "destructiveHint": false,
    "idempotentHint": true, "openWorldHint": false}',
    'it adds, and may be repeated'
);
select is(
    (
        select (t #> '{inputSchema,properties,lines}') - 'description'::text
        from jsonb_array_elements(mcp.list_tools(tests.credential('manager_a')) -> 'tools') as t
        where t ->> 'name' = 'record_sale'
    ) #- array['items', 'properties'],
    '{"type": "array", "minItems": 1, "maxItems": 100, "items": {"type": "object",
    "required": ["sku", "quantity"], "additionalProperties": false}}',
    'a line needs a SKU and a quantity'
);

-- a dry run tells and changes nothing
create temporary table dry on commit drop as
select tests.call(
    'manager_a', 'record_sale',
    pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": 2}]', more => '{"dry_run": true}')
) as r;
select
    is(
        d.r - 'order_date',
        jsonb_build_object(
            'order_id', null, 'store_id', tests.store('a'), 'total_amount', 20.00,
            'lines',
            '[{"line_number": 1, "sku": "TEST-HAMMER", "name": "Test Quuxhammer", "quantity": 2,
        "unit_price": 10.00, "discount_amount": 0, "line_amount": 20.00, "stock_level": 5}]'::jsonb,
            'is_dry_run', true, 'is_repeat', false
        ),
        'a dry run says what would happen'
    )
from dry as d;
select is(pg_temp.state(), b.state, 'and nothing happened') from before as b;

-- a sale
create temporary table sold on commit drop as
select tests.call(
    'manager_a', 'record_sale',
    pg_temp.sale(
        $$[
            {"sku": "TEST-HAMMER", "quantity": 2},
            {"sku": "TEST-HAMMER", "quantity": 1, "unit_price": 8.50, "discount_amount": 0.75}
        ]$$
    )
) as r;
select
    is(
        s.r - 'order_date' - 'order_id',
        jsonb_build_object(
            'store_id', tests.store('a'), 'total_amount', 27.75,
            'lines',
            '[{"line_number": 1, "sku": "TEST-HAMMER", "name": "Test Quuxhammer", "quantity": 2,
        "unit_price": 10.00, "discount_amount": 0, "line_amount": 20.00, "stock_level": 4},
        {"line_number": 2, "sku": "TEST-HAMMER", "name": "Test Quuxhammer", "quantity": 1,
        "unit_price": 8.50, "discount_amount": 0.75, "line_amount": 7.75, "stock_level": 4}]'::jsonb,
            'is_dry_run', false, 'is_repeat', false
        ),
        'a sale at the list price, and at a given one with a discount'
    )
from sold as s;
select
    is(
        s.r ->> 'order_date', ((now() at time zone 'America/Los_Angeles')::date)::text,
        'on the business day of the store'
    )
from sold as s;
select results_eq(
    $$
    select concat_ws(' ', right(o.store_id::text, 1), right(o.customer_id::text, 2), o.status, o.total_amount)
    from retail.orders as o
    join sold as s on o.order_id = (s.r ->> 'order_id')::uuid
    $$,
    array['a a1 completed 27.75'],
    'the order is stored'
);
select results_eq(
    $$
    select concat_ws(
        ' ', i.line_number, right(i.product_id::text, 2), i.quantity, i.unit_price,
        i.discount_amount, i.line_amount
    )
    from retail.order_items as i
    join sold as s on i.order_id = (s.r ->> 'order_id')::uuid
    order by 1
    $$,
    array['1 e1 2 10.00 0.00 20.00', '2 e1 1 8.50 0.75 7.75'],
    'with its lines'
);
select
    is(
        pg_temp.state() - 'log',
        jsonb_set(
            jsonb_set(b.state, '{stock,a e1}', '4') || '{"orders": 5, "lines": 7, "keys": 1}',
            '{revenue,a}', '77.75'
        ) - 'log',
        'the stock of the store, its revenue, and nothing of another store'
    )
from before as b;
select results_eq(
    $$
    select concat_ws(' ', c.table_name, c.operation, u.name) collate "default" as line
    from retail.change_log as c
    join mcp_auth.users as u using (user_id)
    where c.store_id = tests.store('a') and c.user_id is not null
    order by line
    $$,
    array[
        'inventory update Test manager_a', 'order_items insert Test manager_a',
        'order_items insert Test manager_a', 'orders insert Test manager_a'
    ],
    'the change log says who did it'
);
select results_eq(
    $$
    select concat_ws(' ', right(w.scope, 1), w.idempotency_key, w.tool, u.name)
    from mcp_tool.requests as w
    join mcp_auth.users as u using (user_id)
    where w.scope ~ '00000000000[abc]$'
    $$,
    array['a k record_sale Test manager_a'],
    'and the key is kept'
);
select is_empty('table retail.check_rollups', 'the rollups are exact');

-- the same key
create temporary table after_sale on commit drop as select pg_temp.state() as state;
select
    is(
        tests.call(
            'manager_a', 'record_sale',
            pg_temp.sale(
                $$[
                {"quantity": 2, "sku": "TEST-HAMMER", "unit_price": null},
                {"sku": "TEST-HAMMER", "quantity": 1, "unit_price": 8.5, "discount_amount": 0.75}
            ]$$
            )
        ),
        s.r || '{"is_repeat": true}',
        'the same key and request get the same answer, however it is written'
    )
from sold as s;
select
    is(
        tests.call(
            'manager_a', 'record_sale',
            pg_temp.sale(
                $$[
                {"sku": "TEST-HAMMER", "quantity": 2},
                {"sku": "TEST-HAMMER", "quantity": 1, "unit_price": 8.50, "discount_amount": 0.75}
            ]$$,
                more => '{"dry_run": true}'
            )
        ),
        s.r || '{"is_repeat": true, "is_dry_run": true}',
        'a dry run says that the key would be a repeat'
    )
from sold as s;
select
    is(
        tests.refusal('manager_a', 'record_sale', c.arguments),
        '{"code": "23505", "message": "this idempotency_key was used before, for something else",
        "hint": "Use a new key for each new request, and repeat a request unchanged.",
        "column": "", "constraint": ""}',
        format('the same key with %s', c.what)
    )
from (
    values
    ('other lines', pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": 3}]')),
    (
        'the lines in another order',
        pg_temp.sale(
            $$[
                {"sku": "TEST-HAMMER", "quantity": 1, "unit_price": 8.50, "discount_amount": 0.75},
                {"sku": "TEST-HAMMER", "quantity": 2}
            ]$$
        )
    ),
    (
        'another status',
        pg_temp.sale(
            $$[
                {"sku": "TEST-HAMMER", "quantity": 2},
                {"sku": "TEST-HAMMER", "quantity": 1, "unit_price": 8.50, "discount_amount": 0.75}
            ]$$, more => '{"status": "pending"}'
        )
    )
) as c (what, arguments);
select is(
    tests.refusal(
        'manager_a', 'adjust_inventory',
        '{"sku": "TEST-HAMMER", "change": 1, "reason": "delivery", "idempotency_key": "k"}'
    ) ->> 'code',
    '23505',
    'the same key with another tool'
);
select is(pg_temp.state(), a.state, 'none of it changed anything') from after_sale as a;

select is(
    tests.call(
        'manager_b', 'record_sale',
        pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": 5}]', customer => 'b')
    ) #> '{lines,0,stock_level}',
    '0',
    'the key is the store''s own: another store uses it too, and sells its last unit'
);
select is(
    tests.call(
        'manager_a', 'record_sale',
        pg_temp.sale(
            '[{"sku": "TEST-HAMMER", "quantity": 1}]', 'k2', 'a', '{"status": "pending"}'
        ) || jsonb_build_object('store_id', tests.store('a'))
    ) ->> 'total_amount',
    '10.00',
    'a pending sale, with the store named'
);

-- refused, without a trace
create temporary table untouched on commit drop as select pg_temp.state() as state;
select
    is(
        tests.refusal('manager_a', 'record_sale', c.arguments) - 'hint',
        jsonb_build_object(
            'code', c.code, 'message', c.message, 'column', c.field,
            'constraint',
            case when c.field = '' then '' else regexp_replace(c.message, '^.* must be ', '') end
        ),
        format('refused: %s', c.message)
    )
from (
    values
    (
        pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": 4}]', 'n'), '23505',
        'stock too low: the store has 3 of Test Quuxhammer, and 4 are wanted', ''
    ),
    (
        pg_temp.sale(
            '[{"sku": "TEST-HAMMER", "quantity": 2}, {"sku": "TEST-HAMMER", "quantity": 2}]', 'n'
        ), '23505',
        'stock too low: the store has 3 of Test Quuxhammer, and 4 are wanted', ''
    ),
    (
        pg_temp.sale(
            '[{"sku": "TEST-HAMMER", "quantity": 1}, {"sku": "TEST-PAINT", "quantity": 1}]', 'n'
        ),
        '23505', 'stock too low: the store has 0 of Test Quuxpaint, and 1 are wanted', ''
    ),
    (
        pg_temp.sale('[{"sku": "NO-SUCH", "quantity": 1}]', 'n'), 'P0002',
        'no product has SKU NO-SUCH', ''
    ),
    (
        pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": 1}]', 'n', 'b'), 'P0002',
        'no customer 00000000-0000-7000-8000-0000000001b1 in the store', ''
    ),
    (
        pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": 1, "discount_amount": 10.01}]', 'n'),
        '22023', 'lines[0].discount_amount must be at most 10.00, what the line costs',
        'lines[0].discount_amount'
    ),
    (
        pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": -1}]', 'n'), '22023',
        'lines[0].quantity must be a whole number from 1 to 10000', 'lines[0].quantity'
    ),
    (
        pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": 0}]', 'n'), '22023',
        'lines[0].quantity must be a whole number from 1 to 10000', 'lines[0].quantity'
    ),
    (
        pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": 1.5}]', 'n'), '22023',
        'lines[0].quantity must be a whole number from 1 to 10000', 'lines[0].quantity'
    ),
    (
        pg_temp.sale('[{"sku": "TEST-HAMMER"}]', 'n'), '22023',
        'lines[0].quantity must be a whole number from 1 to 10000', 'lines[0].quantity'
    ),
    (
        pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": 1, "unit_price": -0.01}]', 'n'), '22023',
        'lines[0].unit_price must be an amount from 0 to 9999999.99 with at most two decimals',
        'lines[0].unit_price'
    ),
    (
        pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": 1, "unit_price": 0.001}]', 'n'), '22023',
        'lines[0].unit_price must be an amount from 0 to 9999999.99 with at most two decimals',
        'lines[0].unit_price'
    ),
    (
        pg_temp.sale('[{"sku": "a b", "quantity": 1}]', 'n'), '22023',
        'lines[0].sku must be a stock keeping unit: 1 to 40 capital letters, digits and hyphens',
        'lines[0].sku'
    ),
    (pg_temp.sale('[]', 'n'), '22023', 'lines must be 1 to 100 lines', 'lines'),
    (pg_temp.sale('[null]', 'n'), '22023', 'lines must be 1 to 100 lines', 'lines'),
    (
        pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": 1}]', ''), '22023',
        'idempotency_key must be a key of 1 to 100 visible ASCII characters', 'idempotency_key'
    )
) as c (arguments, code, message, field);
select is(
    tests.refusal(
        'manager_a', 'record_sale',
        pg_temp.sale('[{"sku": "TEST-HAMMER", "quantitty": 2, "quantity": 1}]', 'n')
    ) ->> 'message',
    'unknown field: lines[0].quantitty',
    'a misspelt field is not ignored'
);
select
    is(
        tests.refusal(
            'manager_a', 'record_sale',
            pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": 1}]', 'n')
            || jsonb_build_object('store_id', s.id)
        ),
        '{"code": "42501", "message": "not allowed",
        "hint": "list_stores shows the stores you may see.", "column": "", "constraint": ""}',
        format('refused: store %s', s.id)
    )
from unnest(array[tests.store('b'), gen_random_uuid()]) as s (id);
select
    is(
        tests.refusal(
            w.who, 'record_sale', pg_temp.sale('[{"sku": "TEST-HAMMER", "quantity": 1}]', 'n')
        ) ->> 'code',
        '42883',
        format('%s does not have the tool', w.who)
    )
from unnest(array['regional', 'head', 'nobody']) as w (who);
select is(pg_temp.state(), u.state, 'no trace of what was refused') from untouched as u;

-- keys and policies are a second wall behind retail.store_to_write
select throws_ok(
    tests.reads(
        'manager_a',
        $$
        select mcp_tool.claim_key('00000000-0000-7000-8000-00000000000b', 'x', 'record_sale', '{}')
        $$
    ),
    '42501',
    'not allowed',
    'a key for another store'
);
select is(
    tests.error_of(
        format(
            'select * from tests.rows_as(tests.credential(%L), %L)', 'manager_a',
            $$
            select retail.sell(
                '00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000001b1',
                array[row('TEST-HAMMER', 1, null, null)::retail.sale_line], 'completed', 'x'
            )
            $$
        )
    ) ->> 'code',
    '42501',
    'a sale in another store'
);
select is(pg_temp.state(), u.state, 'no trace of that') from untouched as u;
select is_empty('table retail.check_rollups', 'the rollups are exact');

select finish();
rollback;
