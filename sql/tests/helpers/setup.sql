-- What the pgTAP files share: schema tests, with a fixture and functions that run one statement
-- as a caller. Run it once before them, helpers/teardown.sql afterwards. The files themselves
-- roll back all they do.
create schema tests;
comment on schema tests is 'Helpers of the pgTAP suite. helpers/teardown.sql removes it.';

create extension if not exists pgtap schema tests;

create table tests.credentials (
    who text not null,
    credential text not null,
    constraint credentials_pkey primary key (who)
);
comment on table tests.credentials is
'API keys of the fixture; filled and rolled back by each test.';

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
        v_user := auth.add_user(
            'Test ' || v_name,
            case
                when v_name like 'manager%' then 'store_managers'
                when v_name = 'head' then 'head_office'
                else 'regional_managers'
            end,
            case
                when v_name like 'manager%' then array[tests.store(right(v_name, 1))]
                when v_name = 'regional' then array['00000000-0000-7000-8000-0000000000f1'::uuid]
                else '{}'
            end
        );
        insert into tests.credentials (who, credential) values (v_name, auth.create_api_key(v_user, 'test'));
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
    ('expired', auth.create_api_key(v_user, 'expired', now() - interval '1 second')),
    ('revoked', auth.create_api_key(v_user, 'revoked'));
    perform auth.revoke_api_keys(v_user, 'revoked');

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
    v_order uuid := uuidv7();
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

create function tests.credential(who text)
returns text
language sql
stable
begin atomic
    select c.credential from tests.credentials as c where c.who = credential.who;
end;
comment on function tests.credential(text) is
'API key of manager_a, manager_b, manager_c, regional, head, nobody, expired or revoked.';

create function tests.call(
    who text,
    tool text,
    arguments jsonb default '{}',
    request jsonb default '{}'
)
returns jsonb
language sql
volatile
begin atomic
    select mcp.call_tool(tests.credential(call.who), call.tool, call.arguments, call.request);
end;
comment on function tests.call(text, text, jsonb, jsonb) is
'Call a tool as somebody of the fixture.';

create function tests.rows_as(credential text, query text, role name default 'zava_tools')
returns setof jsonb
language plpgsql
as $$
declare
    v_role text := current_setting('role');
begin
    if credential is not null then
        perform auth.begin_request(credential);
    end if;
    execute 'set local role ' || quote_ident(rows_as.role);
    -- as that role, which may not have format()
    return query execute 'select to_jsonb(q) from (' || query || ') as q';
    execute 'set local role ' || quote_ident(v_role);
    perform auth.clear_context();
end
$$;
comment on function tests.rows_as(text, text, name) is
'The rows of a query run with a caller''s context as a tool''s owner; only the query runs as it, '
'the assertion does not.';

create function tests.affected_as(credential text, statement text, role name default 'zava_tools')
returns integer
language plpgsql
as $$
declare
    v_role text := current_setting('role');
    v_count integer;
begin
    if credential is not null then
        perform auth.begin_request(credential);
    end if;
    execute 'set local role ' || quote_ident(affected_as.role);
    execute statement;
    get diagnostics v_count = row_count;
    -- as that role, which may not have format()
    execute 'set local role ' || quote_ident(v_role);
    perform auth.clear_context();
    return v_count;
end
$$;
comment on function tests.affected_as(text, text, name) is
'How many rows a statement changed, run with a caller''s context as a tool''s owner.';

create function tests.reads(who text, query text, role text default 'zava_tools')
returns text
language sql
immutable
begin atomic
    select format(
        $$
        select jsonb_path_query_first(r, '$.*') #>> '{}'
        from tests.rows_as(tests.credential(%L), %L, %L) as r
        $$, reads.who, reads.query, reads.role
    );
end;
comment on function tests.reads(text, text, text) is
'The text of a query by somebody of the fixture, for assertions; gives its one column as text.
Without a context where who is null.';

create function tests.writes(who text, statement text, role text default 'zava_tools')
returns text
language sql
immutable
begin atomic
    select format(
        'select tests.affected_as(tests.credential(%L), %L, %L)',
        writes.who, writes.statement, writes.role
    );
end;
comment on function tests.writes(text, text, text) is
'The text of a statement by somebody of the fixture, for assertions; gives how many rows it changed.
Without a context where who is null.';

create function tests.forged(who text)
returns table (how text, context text)
language plpgsql
as $$
declare
    v_field text[];
    v_process text;
    v_moment text;
begin
    perform auth.begin_request(tests.credential(who));
    v_field := string_to_array(current_setting('app.current_rls_user_id'), '|');
    perform auth.clear_context();
    if v_field[6] is distinct from auth.sign('context', array_to_string(v_field[1:5], '|')) then
        raise exception 'auth.set_context signs otherwise: rewrite tests.forged';
    end if;
    -- genuine ones of elsewhere, as if copied: their signature is right
    v_process := array_to_string(v_field[1:3] || (v_field[4]::integer + 1)::text || v_field[5:5], '|');
    v_moment := array_to_string(v_field[1:4] || (v_field[5]::numeric - 0.000001)::text, '|');
    return query
    values
        ('a bare user id', v_field[1]),
        ('no signature', array_to_string(v_field[1:5], '|')),
        ('a wrong signature', array_to_string(v_field[1:5] || repeat('0', 64), '|')),
        ('another user', array_to_string(gen_random_uuid()::text || v_field[2:6], '|')),
        ('another audience', array_to_string(v_field[1:1] || 'head_office'::text || v_field[3:6], '|')),
        (
            'a wider scope',
            array_to_string(
                v_field[1:2]
                || array[tests.store('a'), tests.store('b'), tests.store('c')]::text
                || v_field[4:6],
                '|'
            )
        ),
        ('another process', v_process || '|' || auth.sign('context', v_process)),
        ('another transaction', v_moment || '|' || auth.sign('context', v_moment));
end
$$;
comment on function tests.forged(text) is
'Request contexts that are genuine but for one thing. For anybody but head office.';

create function tests.rows_with(context text, query text, role text default 'zava_tools')
returns setof jsonb
language plpgsql
as $$
begin
    perform set_config('app.current_rls_user_id', context, true);
    return query select r.* from tests.rows_as(null, rows_with.query, rows_with.role) as r;
end
$$;
comment on function tests.rows_with(text, text, text) is
'tests.rows_as with a context as tests.forged gives it.';

create function tests.affected_with(context text, statement text, role text default 'zava_tools')
returns integer
language plpgsql
as $$
begin
    perform set_config('app.current_rls_user_id', context, true);
    return tests.affected_as(null, affected_with.statement, affected_with.role);
end
$$;
comment on function tests.affected_with(text, text, text) is
'tests.affected_as with a context as tests.forged gives it.';

create function tests.cells(answer jsonb, variadic columns text[])
returns text[]
language sql
immutable
begin atomic
    select coalesce(array_agg(r.cells order by r.position), '{}')
    from (
        select
            e.position,
            string_agg(coalesce(e.value ->> c.name, '-'), ' ' order by c.position) as cells
        from jsonb_array_elements(cells.answer -> 'rows') with ordinality as e (value, position)
        cross join unnest(cells.columns) with ordinality as c (name, position)
        group by e.position
    ) as r;
end;
comment on function tests.cells(jsonb, text[]) is
'Some columns of the rows of an answer, a text a row: its values with a blank between, - for null.';

create function tests.pages(who text, tool text, arguments jsonb)
returns table (page integer, answer jsonb)
language plpgsql
as $$
declare
    v_cursor jsonb := '{}';
begin
    page := 0;
    loop
        page := page + 1;
        answer := tests.call(who, tool, arguments || v_cursor);
        v_cursor := jsonb_build_object('cursor', answer -> 'next_cursor');
        return next;
        exit when answer ->> 'next_cursor' is null;
    end loop;
end
$$;
comment on function tests.pages(text, text, jsonb) is
'Every page of an answer, by its cursors; one where the tool gives no pages.';

create function tests.paged_rows(who text, tool text, arguments jsonb)
returns jsonb
language sql
volatile
begin atomic
    select jsonb_agg(e.value order by p.page, e.position)
    from tests.pages(paged_rows.who, paged_rows.tool, paged_rows.arguments) as p
    cross join jsonb_array_elements(p.answer -> 'rows') with ordinality as e (value, position);
end;
comment on function tests.paged_rows(text, text, jsonb) is
'The rows of an answer, gathered page by page.';

create function tests.error_of(statement text)
returns jsonb
language plpgsql
as $$
declare
    v_hint text;
    v_column text;
    v_constraint text;
begin
    execute statement;
    return null;
exception
    when others then
        get stacked diagnostics
            v_hint = pg_exception_hint, v_column = column_name, v_constraint = constraint_name;
        return jsonb_build_object(
            'code', sqlstate, 'message', sqlerrm, 'hint', v_hint,
            'column', v_column, 'constraint', v_constraint
        );
end
$$;
comment on function tests.error_of(text) is
'{code, message, hint, column, constraint} of the error that a statement raises; null when it '
'raises none.';

create function tests.refusal(
    who text, tool text, arguments jsonb default '{}', request jsonb default '{}'
)
returns jsonb
language sql
volatile
begin atomic
    select tests.error_of(
        format(
            'select tests.call(%L, %L, %L, %L)',
            refusal.who, refusal.tool, refusal.arguments, refusal.request
        )
    );
end;
comment on function tests.refusal(text, text, jsonb, jsonb) is
'The error of a tool call as somebody of the fixture, like tests.error_of.';

create function tests.value_as_login(login name, expression text)
returns jsonb
language plpgsql
as $$
declare
    v_value jsonb;
begin
    execute format('set local session authorization %I', login);
    execute 'select ' || expression into v_value;
    reset session authorization;
    return v_value;
end
$$;
comment on function tests.value_as_login(name, text) is
'A jsonb expression evaluated as another login.';

create function tests.offer(
    function text, description text default 'A test.', owner name default 'zava_tools'
)
returns void
language plpgsql
as $$
begin
    execute format('comment on function %s is %L', function, description);
    execute format('grant create on schema api to %I', owner);
    execute format('alter function %s owner to %I', function, owner);
    execute format('revoke create on schema api from %I', owner);
    execute format('revoke all on function %s from public', function);
    execute format(
        'grant execute on function %s to zava_auth, store_managers, regional_managers, head_office',
        function
    );
end
$$;
comment on function tests.offer(text, text, name) is
'Comment, hand over and grant a throw-away function in api, so that it becomes a tool.';
