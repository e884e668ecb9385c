-- The demo that zava-mcp demo has filled the database with: what its rows are like, the keys of its
-- users, and who may call its functions.
begin;
set local search_path = tests, ext, public;
select plan(34);

-- users of the demo count stock and sell: the rest is what the demo has made
with counted as (
    update retail.inventory as i
    set stock_level = i.stock_level + 1
    where (i.store_id, i.product_id) = (
        select
            v.store_id,
            v.product_id
        from retail.inventory as v
        where v.stock_level > 0
        order by v.store_id, v.product_id
        limit 1
    )
    returning i.store_id, i.product_id
),

sold as (
    insert into retail.orders (store_id, customer_id)
    select
        n.store_id,
        min(c.customer_id::text)::uuid
    from counted as n
    inner join retail.customers as c on n.store_id = c.store_id
    group by n.store_id
    returning store_id, order_id, order_date
)

insert into retail.order_items (
    store_id, order_id, line_number, product_id, order_date, quantity, unit_price
)
select
    s.store_id,
    s.order_id,
    1,
    p.product_id,
    s.order_date,
    1,
    p.base_price
from sold as s
inner join counted as n on s.store_id = n.store_id
inner join retail.products as p on n.product_id = p.product_id;

create temporary view made_orders as
select
    o.store_id,
    o.order_id,
    o.order_date,
    o.ordered_at,
    o.status
from retail.orders as o
where not exists (
    select from retail.change_log as c
    where
        c.store_id = o.store_id
        and c.table_name = 'orders'
        and c.new_row ->> 'order_id' = o.order_id::text
);
create temporary view made_inventory as
select
    i.store_id,
    i.product_id,
    i.updated_at
from retail.inventory as i
where not exists (
    select from retail.change_log as c
    where
        c.store_id = i.store_id
        and c.table_name = 'inventory'
        and c.new_row ->> 'product_id' = i.product_id::text
);

-- the first day after the data: the stock was counted in the three days before it
create temporary table demo on commit drop as
select
    (max(i.updated_at) at time zone 'UTC')::date + 1 as as_of,
    (max(i.updated_at) at time zone 'UTC')::date::timestamp at time zone 'UTC'
    + interval '1 day' as ends,
    (select count(*)::integer from made_orders) as orders
from made_inventory as i;

-- What is there ----------------------------------------------------------------------------------

select results_eq(
    'select s.name::text, s.is_online from retail.stores as s order by s.name',
    $$
    values
    ('Zava Retail Bellevue', false),
    ('Zava Retail Everett', false),
    ('Zava Retail Kirkland', false),
    ('Zava Retail Online', true),
    ('Zava Retail Redmond', false),
    ('Zava Retail Seattle', false),
    ('Zava Retail Spokane', false),
    ('Zava Retail Tacoma', false)
    $$,
    'there are the eight stores'
);
select results_eq(
    $$
    select r.name::text, count(*)
    from retail.stores as s
    join retail.regions as r on r.region_id = s.region_id
    group by r.name
    order by r.name
    $$,
    $$values ('Greater Seattle', 4::bigint), ('Online', 1), ('Rest of Washington', 3)$$,
    'a region has several stores, and none has all'
);
select results_eq(
    $$
    select u.name, u.audience, u.scope
    from retail.stores as s
    join mcp_auth.users as u on u.user_id = s.manager_id
    order by s.name
    $$,
    $$
    select 'Manager of ' || s.name, 'store_managers'::name, array[s.store_id::text]
    from retail.stores as s
    order by s.name
    $$,
    'each store has a manager of its own, who sees that store'
);
select set_eq(
    $$
    select u.name, u.scope
    from mcp_auth.users as u
    where u.audience = 'regional_managers' and u.name like 'Manager of region %'
    $$,
    $$select 'Manager of region ' || r.name, array[r.region_id::text] from retail.regions as r$$,
    'each region has a manager, who sees that region'
);
select isnt_empty(
    $$select from mcp_auth.users as u where u.audience = 'head_office'$$,
    'head office has a user'
);
select cmp_ok((select orders from demo), '>=', 100, 'there are orders');
select is(
    (select count(*) from retail.customers),
    (select round(d.orders / 4.0)::bigint from demo as d),
    'a customer for every four orders'
);
select results_eq(
    $$
    select s.name::text, count(*)
    from made_orders as o
    join retail.stores as s on s.store_id = o.store_id
    group by s.name
    order by s.name
    $$,
    $$
    select s.name, sum(c.order_count)
    from demo as d
    cross join retail_demo.calendar(0, d.as_of, d.orders) as c
    join retail_demo.stores() as s on s.store_no = c.store_no
    group by s.name
    order by s.name
    $$,
    'each store has its share of the orders, whatever the seed'
);
select is_empty(
    $$
    select o.store_id, o.order_id
    from retail.orders as o
    left join retail.order_items as i using (store_id, order_id)
    group by o.store_id, o.order_id
    having o.total_amount is distinct from sum(i.line_amount) or count(*) not between 1 and 5
    $$,
    'an order has one to five lines, and its total is their sum'
);
select is_empty(
    $$
    select i.store_id, i.order_id
    from retail.order_items as i
    group by i.store_id, i.order_id
    having
        count(distinct i.product_id) < count(*)
        or min(i.line_number) <> 1
        or max(i.line_number) <> count(*)
    $$,
    'no product is twice in an order, and lines are numbered from 1'
);
select is_empty(
    $$
    select i.store_id, i.order_id, i.line_number
    from retail.order_items as i
    join retail.products as p using (product_id)
    where
        i.quantity not between 1 and 10
        or i.unit_price not between round(p.base_price * 0.9, 2) and round(p.base_price * 1.1, 2)
    $$,
    'quantities are 1 to 10, prices at the most 10 % from the list'
);
select is_empty(
    $$
    select i.store_id, i.order_id, i.line_number
    from retail.order_items as i
    where
        i.discount_amount <> 0
        and not exists (
            select
            from generate_series(5, 25) as percent
            where i.discount_amount = round(i.quantity * i.unit_price * percent / 100, 2)
        )
    $$,
    'discounts are 5 to 25 % of the line, to the cent'
);
select is_empty(
    $$
    select i.store_id, i.order_date, i.product_id
    from retail.order_items as i
    group by i.store_id, i.order_date, i.product_id
    having count(distinct i.unit_price) > 1
    $$,
    'a store asks one price a day'
);
select is_empty(
    $$
    select o.store_id, o.order_id
    from retail.orders as o
    join retail.stores as s using (store_id)
    where
        o.order_date <> (o.ordered_at at time zone s.time_zone)::date
        or (
            not s.is_online
            and (o.ordered_at at time zone s.time_zone)::time not between '08:00' and '21:00'
        )
    $$,
    'the business day is the store''s own, within opening hours'
);
select is_empty(
    $$
    select o.store_id, o.order_id
    from retail.orders as o
    join retail.customers as c using (store_id, customer_id)
    where c.created_at >= o.ordered_at
    $$,
    'nobody orders before being a customer'
);
select is_empty(
    $$
    select o.store_id, o.order_id
    from made_orders as o
    cross join demo as d
    where
        o.status = 'pending' and o.order_date < d.as_of - 3
        or o.ordered_at >= d.ends
        or o.order_date not between d.as_of - 2192 and d.as_of - 1
    $$,
    'orders are of the six years before, and only the newest are pending'
);
select is_empty(
    $$
    select m.what, m.moment
    from (
        select 'region' as what, r.created_at as moment from retail.regions as r
        union all
        select 'store', s.created_at from retail.stores as s
        union all
        select 'product', p.created_at from retail.products as p
        union all
        select 'customer', c.created_at from retail.customers as c
        union all
        select 'stock', i.updated_at from made_inventory as i
    ) as m
    cross join demo as d
    where m.moment >= d.ends
    $$,
    'no moment lies after the day of the data'
);
select cmp_ok(
    (select d.ends from demo as d), '<=', statement_timestamp(), 'and that day is not in the future'
);
select is_empty(
    $$
    select from (
        select
            i.store_id, i.order_date, i.product_id, count(*), sum(i.quantity),
            sum(i.quantity * i.unit_price), sum(i.discount_amount), sum(i.line_amount)
        from retail.order_items as i
        group by i.store_id, i.order_date, i.product_id
        except
        select
            d.store_id, d.sales_date, d.product_id, d.line_count, d.units,
            d.gross_amount, d.discount_amount, d.net_amount
        from retail.daily_sales as d
    ) as missing
    $$,
    'daily_sales has the sums of all lines'
);
select is(
    (select sum(d.line_count) from retail.daily_sales as d),
    (select count(*) from retail.order_items),
    'and nothing else'
);
select is_empty(
    $$
    select i.store_id, i.product_id
    from retail.order_items as i
    except
    select v.store_id, v.product_id
    from retail.inventory as v
    $$,
    'a store sells what it carries'
);
select is_empty(
    $$
    select s.name
    from retail.stores as s
    left join retail.inventory as i using (store_id)
    group by s.name
    having
        count(i.product_id) not between 0.7 * (select count(*) from retail.products)
        and (select count(*) from retail.products)
        or count(*) filter (where i.stock_level = 0) not between 1 and 0.1 * count(*)
        or count(*) filter (where i.stock_level > 0) = 0
    $$,
    'each store carries 70 to 100 % of the catalogue, of which a few products have run out'
);
select
    case
        when d.orders >= 1000
            then isnt_empty(
                $$
                select from retail.inventory as i
                join retail.daily_sales as s using (store_id, product_id)
                cross join demo as d
                where s.sales_date >= d.as_of - 364
                group by i.store_id, i.product_id, i.stock_level
                having i.stock_level < sum(s.units) / 52.0
                $$,
                'something is low: less than a week of sales is left'
            )
        else skip('with few orders, few products sell at all', 1)
    end
from demo as d;
select is_empty(
    $$
    select c.store_id, c.customer_id
    from retail.customers as c
    where
        c.email !~ '^[a-z]+\.[a-z]+[0-9]+@example\.(com|org)$'
        or c.phone !~ '^\(\d{3}\) 555-01\d\d$'
    $$,
    'mail domains and telephone numbers are those reserved for examples'
);
select is_empty(
    $$
    select c.change_id
    from retail.change_log as c
    cross join demo as d
    -- what is sold now is of the day before in a store where that has not ended
    where c.operation = 'insert' and (c.new_row ->> 'order_date')::date < d.as_of - 1
    $$,
    'making the demo was not logged'
);
select is(
    (
        select array_agg(t.tgname::text order by t.tgname)
        from pg_trigger as t
        where
            t.tgrelid::regclass::text like 'retail.%'
            and t.tgname like '%\_log\_%'
            and t.tgenabled <> 'O'
    ),
    null,
    'and every log trigger is enabled again'
);

-- Who may ----------------------------------------------------------------------------------------

select is_empty(
    $$
    select p.proname, a.grantee::regrole
    from pg_proc as p
    cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
    where
        p.pronamespace = 'retail_demo'::regnamespace
        and a.grantee <> p.proowner
    $$,
    'nobody but the owner may call the functions of the demo'
);
select is(
    (
        select array_agg(p.proname::text order by p.proname)
        from pg_proc as p
        where p.pronamespace = 'retail_demo'::regnamespace and p.prosecdef
    ),
    null,
    'and none of them runs as its owner'
);

-- Keys -------------------------------------------------------------------------------------------

create temporary table keys on commit drop as
select
    1 as round,
    retail_demo.create_keys() as keys;
insert into keys (round, keys)
values (2, retail_demo.create_keys());

select is(
    (
        select array_agg(n.name order by n.name)
        from keys as k
        cross join jsonb_object_keys(k.keys) as n (name)
        where k.round = 2
    ),
    array['head_office', 'regional_manager', 'stores'],
    'there are keys for the three audiences'
);
select results_eq(
    $$
    select s.name::text, i.audience, i.scope
    from keys as k
    cross join jsonb_each_text(k.keys -> 'stores') as e(name, key)
    join retail.stores as s on s.name = e.name
    cross join mcp_auth.identify(e.key) as i
    where k.round = 2
    order by s.name
    $$,
    $$
    select s.name::text, 'store_managers'::name, array[s.store_id::text]
    from retail.stores as s
    order by s.name
    $$,
    'one for each store''s manager, for that store'
);
select results_eq(
    $$
    select i.audience, cardinality(i.scope)
    from keys as k
    cross join mcp_auth.identify(k.keys ->> 'regional_manager') as i
    where k.round = 2
    $$,
    $$values ('regional_managers'::name, 4)$$,
    'one for the manager of the largest region'
);
select results_eq(
    $$
    select i.audience, cardinality(i.scope)
    from keys as k
    cross join mcp_auth.identify(k.keys ->> 'head_office') as i
    where k.round = 2
    $$,
    $$values ('head_office'::name, 8)$$,
    'one for head office'
);
select is_empty(
    $$
    select a.key_id
    from keys as k
    cross join jsonb_path_query(k.keys, '$.** ? (@.type() == "string")') as e(key)
    join mcp_auth.api_keys as a on a.key_id = split_part(e.key #>> '{}', '_', 2)
    where (k.round = 1) <> (a.revoked_at is not null)
    $$,
    'new keys revoke the old ones'
);
select throws_ok(
    format(
        'select mcp_auth.identify(%L)',
        (select k.keys ->> 'head_office' from keys as k where k.round = 1)
    ),
    '28000',
    'invalid credential',
    'which are then refused'
);

select finish();
rollback;
