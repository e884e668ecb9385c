-- What the pgTAP files of Zava Retail share beside the core's helpers: a fixture, and sales.
create function tests.store(letter text)
returns uuid
language sql
immutable
begin atomic
    select ('00000000-0000-7000-8000-00000000000' || store.letter)::uuid;
end;
comment on function tests.store(text) is 'Id of the fixture''s store a, b or c.';

create function tests.noon(letter text, days_ago integer)
returns timestamptz
language sql
stable
begin atomic
    select
        (((now() at time zone s.time_zone)::date - noon.days_ago) + time '12:00')
        at time zone s.time_zone
    from retail.stores as s
    where s.store_id = tests.store(noon.letter);
end;
comment on function tests.noon(text, integer) is
'Noon in a store''s time zone, some business days ago.';

create function tests.clear_stores()
returns void
language sql
volatile
as $$
    truncate
        retail.order_items, retail.orders, retail.customers, retail.inventory, retail.daily_sales,
        retail.year_to_date_sales, retail.daily_totals, retail.customer_sales,
        retail.stores, retail.regions
$$;
comment on function tests.clear_stores() is
'Remove all stores and what they have, for a test that compares or rebuilds whole tables: with '
'the demo in them that takes minutes. The test rolls it back. Until then no other session can read '
'these tables.';

create function tests.load_fixture()
returns void
language plpgsql
as $$
declare
    v_user uuid;
    v_name text;
begin
    -- stores a and b make region North, store c (in another time zone) region South
    insert into retail.regions (region_id, name)
    values
    ('00000000-0000-7000-8000-0000000000f1', 'Test North'),
    ('00000000-0000-7000-8000-0000000000f2', 'Test South');

    foreach v_name in array array['manager_a', 'manager_b', 'manager_c', 'regional', 'head', 'nobody'] loop
        v_user := mcp_auth.add_user(
            'Test ' || v_name,
            case
                when v_name like 'manager%' then 'store_managers'
                when v_name = 'head' then 'head_office'
                else 'regional_managers'
            end,
            case
                when v_name like 'manager%' then array[tests.store(right(v_name, 1))::text]
                when v_name = 'regional' then array['00000000-0000-7000-8000-0000000000f1']
                else '{}'
            end
        );
        insert into tests.credentials (who, credential) values (v_name, mcp_auth.create_api_key(v_user, 'test'));
        if v_name like 'manager%' then
            insert into retail.stores (store_id, name, location, time_zone, region_id, manager_id)
            select
                tests.store(right(v_name, 1)),
                'Test Store ' || upper(right(v_name, 1)),
                'Testville',
                case v_name when 'manager_c' then 'Asia/Tokyo' else 'America/Los_Angeles' end,
                r.region_id,
                v_user
            from retail.regions as r
            where r.name = case v_name when 'manager_c' then 'Test South' else 'Test North' end;
        end if;
    end loop;
    insert into tests.credentials (who, credential)
    values
    ('expired', mcp_auth.create_api_key(v_user, 'expired', now() - interval '1 second')),
    ('revoked', mcp_auth.create_api_key(v_user, 'revoked'));
    perform mcp_auth.revoke_api_keys(v_user, 'revoked');

    insert into retail.categories (category_id, name, description)
    values
    ('00000000-0000-7000-8000-0000000000c1', 'Test Tools', 'Tools.'),
    ('00000000-0000-7000-8000-0000000000c2', 'Test Paints', 'Paints.');
    insert into retail.category_seasonality (category_id, month, weight)
    values ('00000000-0000-7000-8000-0000000000c1', 1, 1.25);
    insert into retail.product_types (type_id, category_id, name)
    values
    ('00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-0000000000c1', 'Test Hammers'),
    ('00000000-0000-7000-8000-0000000000d2', '00000000-0000-7000-8000-0000000000c2', 'Test Wall Paints');
    insert into retail.products (product_id, sku, name, description, category_id, type_id, base_price)
    values
    (
        '00000000-0000-7000-8000-0000000000e1', 'TEST-HAMMER', 'Test Quuxhammer', 'Drives quuxnails.',
        '00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-0000000000d1', 10.00
    ),
    (
        '00000000-0000-7000-8000-0000000000e2', 'TEST-PAINT', 'Test Quuxpaint', 'Covers quuxwalls.',
        '00000000-0000-7000-8000-0000000000c2', '00000000-0000-7000-8000-0000000000d2', 25.50
    );
    insert into retail.product_costs (product_id, cost)
    values
    ('00000000-0000-7000-8000-0000000000e1', 6.00),
    ('00000000-0000-7000-8000-0000000000e2', 15.00);
    insert into retail.inventory (store_id, product_id, stock_level)
    values
    (tests.store('a'), '00000000-0000-7000-8000-0000000000e1', 7),
    (tests.store('b'), '00000000-0000-7000-8000-0000000000e1', 5),
    (tests.store('c'), '00000000-0000-7000-8000-0000000000e1', 3),
    (tests.store('a'), '00000000-0000-7000-8000-0000000000e2', 0);
    insert into retail.customers (store_id, customer_id, first_name, last_name, email)
    select
        tests.store(l),
        ('00000000-0000-7000-8000-0000000001' || l || '1')::uuid,
        'First' || l,
        'Last' || l,
        -- the same address in every store
        'customer@test.example'
    from unnest(array['a', 'b', 'c']) as l;

    -- a: 40.00 yesterday and 10.00 forty days ago; b: 76.50 two days ago; c: 10.00 three days ago
    insert into retail.orders (store_id, order_id, customer_id, ordered_at, status)
    select
        tests.store(o.letter),
        ('00000000-0000-7000-8000-0000000002' || o.letter || o.number)::uuid,
        ('00000000-0000-7000-8000-0000000001' || o.letter || '1')::uuid,
        tests.noon(o.letter, o.days_ago),
        'completed'
    from (values ('a', 1, 1), ('a', 2, 40), ('b', 1, 2), ('c', 1, 3)) as o (letter, number, days_ago);
    insert into retail.order_items
        (store_id, order_id, line_number, order_date, product_id, quantity, unit_price, discount_amount)
    select
        o.store_id,
        o.order_id,
        i.line_number,
        o.order_date,
        ('00000000-0000-7000-8000-0000000000' || i.product)::uuid,
        i.quantity,
        i.unit_price,
        i.discount_amount
    from (values
        ('a', 1, 1, 'e1', 2, 10.00, 0.00),
        ('a', 1, 2, 'e2', 1, 25.50, 5.50),
        ('a', 2, 1, 'e1', 1, 10.00, 0.00),
        ('b', 1, 1, 'e2', 3, 25.50, 0.00),
        ('c', 1, 1, 'e1', 1, 10.00, 0.00)
    ) as i (letter, number, line_number, product, quantity, unit_price, discount_amount)
    join retail.orders as o
        on o.order_id = ('00000000-0000-7000-8000-0000000002' || i.letter || i.number)::uuid;
end
$$;
comment on function tests.load_fixture() is
'Three stores, five users with keys, two products and four orders, the same for every test; the '
'test rolls it back.';

create function tests.sell(
    letter text,
    day date,
    product text,
    quantity integer,
    unit_price numeric,
    discount_amount numeric default 0,
    customer text default '1'
)
returns void
language plpgsql
as $$
declare
    v_customer uuid := ('00000000-0000-7000-8000-0000000001' || letter || customer)::uuid;
    v_order uuid := mcp_tool.uuidv7();
begin
    insert into retail.customers (store_id, customer_id, first_name, last_name)
    values (tests.store(letter), v_customer, 'First' || letter || customer, 'Last' || letter || customer)
    on conflict on constraint customers_pkey do nothing;
    insert into retail.orders (store_id, order_id, customer_id, ordered_at)
    select s.store_id, v_order, v_customer, (day + time '12:00') at time zone s.time_zone
    from retail.stores as s
    where s.store_id = tests.store(letter);
    insert into retail.order_items
        (store_id, order_id, line_number, order_date, product_id, quantity, unit_price, discount_amount)
    values (
        tests.store(letter), v_order, 1, day, ('00000000-0000-7000-8000-0000000000' || product)::uuid,
        quantity, unit_price, discount_amount
    );
end
$$;
comment on function tests.sell(text, date, text, integer, numeric, numeric, text) is
'An order of one line at noon of a store''s business day, by its customer 1 to f, who is made when '
'there is none. Products are e1 and e2.';
