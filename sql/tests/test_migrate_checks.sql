-- The views migrate.check_*: each finds the fault it is for, and nothing where there is none.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(44);

select set_eq(
    'select s.name::text from migrate.managed_schemas as s',
    array['api', 'auth', 'mcp', 'migrate', 'retail', 'sandbox', 'tool'],
    'managed_schemas: those that the checks look at'
);

-- makes a fault, gives what the check says of it that it did not say before, and takes it back
create function pg_temp.found(check_name text, fault text)
returns setof text
language plpgsql
as $$
declare
    v_query text := format(
        'select array_agg(format(''%%s: %%s'', c.object, c.problem)) from migrate.%I as c',
        check_name
    );
    v_before text[];
    v_after text[];
begin
    execute v_query into v_before;
    begin
        execute fault;
        execute v_query into v_after;
        raise exception sqlstate 'ZZ000';
    exception
        when sqlstate 'ZZ000' then null;
    end;
    return query
    select a.line
    from unnest(v_after) as a (line)
    where a.line <> all(coalesce(v_before, '{}'))
    order by a.line;
end
$$;

update mcp.catalog_state set is_stale = false;
select is_empty(
    $$select from migrate.check_catalog as c where c.object = 'mcp.tools'$$,
    'check_catalog: a catalogue that is up to date'
);
update mcp.catalog_state set is_stale = true;
select results_eq(
    $$select c.problem from migrate.check_catalog as c where c.object = 'mcp.tools'$$,
    array['it is older than the functions: select mcp.refresh_catalog()'],
    'check_catalog: one that is not'
);

select
    results_eq(
        format('select * from pg_temp.found(%L, %L)', f.check_name, f.fault),
        f.expected,
        format('%s: %s', f.check_name, regexp_replace(btrim(f.fault), '\s+', ' ', 'g'))
    )
from (
    values
    (
        'check_catalog',
        'grant execute on function api.list_stores() to public',
        array[
            'api.list_stores(): PUBLIC may execute it: revoke all on function ... from public'
        ]
    ),
    (
        'check_catalog',
        'update mcp.hooks set function = 1 where hook = ''scope''',
        array[
            'hook scope: its function is gone: select mcp.register_hook(...) with another one'
        ]
    ),
    (
        'check_catalog',
        'create function retail.fault() returns integer language sql return 1',
        '{}'
    ),
    (
        'check_comments',
        'comment on schema tool is null',
        array['schema tool: it has no comment: say what it means, and its unit']
    ),
    (
        'check_comments',
        'comment on table retail.orders is null',
        array[
            'table or view retail.orders: it has no comment: say what it means, and its unit'
        ]
    ),
    (
        'check_comments',
        'comment on column retail.orders.status is null',
        array[
            'column retail.orders.status: it has no comment: say what it means, and its unit'
        ]
    ),
    (
        'check_comments',
        'comment on function retail.log_change() is null',
        array[
            'function retail.log_change(): it has no comment: say what it means, and its unit'
        ]
    ),
    (
        'check_comments',
        'comment on domain retail.label is null',
        array['type retail.label: it has no comment: say what it means, and its unit']
    ),
    (
        'check_comments',
        'comment on type retail.order_status is null',
        array['type retail.order_status: it has no comment: say what it means, and its unit']
    ),
    (
        'check_comments',
        'comment on type auth.identity is null',
        array['type auth.identity: it has no comment: say what it means, and its unit']
    ),
    (
        'check_comments',
        'comment on policy orders_select on retail.orders is null',
        array[
            'policy orders_select on retail.orders: it has no comment: say what it means, and '
            'its unit'
        ]
    ),
    (
        'check_comments',
        'comment on trigger orders_log_insert on retail.orders is null',
        array[
            'trigger orders_log_insert on retail.orders: it has no comment: say what it means, '
            'and its unit'
        ]
    ),
    (
        'check_comments',
        'comment on view migrate.check_roles is null',
        array[
            'table or view migrate.check_roles: it has no comment: say what it means, and its '
            'unit'
        ]
    ),
    (
        'check_definer_functions',
        'alter function retail.log_change() reset search_path',
        array[
            'retail.log_change(): it has no search_path: add "set search_path = pg_catalog, '
            'pg_temp"'
        ]
    ),
    (
        'check_definer_functions',
        'alter role zava_sandbox login',
        array[
            'api.execute_sales_query(retail.query_text,retail.row_limit): its owner '
            'zava_sandbox has powers: give it to a role that has none'
        ]
    ),
    (
        'check_definer_functions',
        'alter function retail.demo_uniform(integer, integer, bigint) owner to zava_mcp',
        '{}'
    ),
    (
        'check_foreign_keys',
        'drop index retail.inventory_product_id_idx',
        array[
            'inventory_product_id_fkey on retail.inventory: no index starts with its columns, '
            'so each delete of the other side scans the table'
        ]
    ),
    (
        'check_foreign_keys',
        $$
        drop index retail.inventory_product_id_idx;
        create index on retail.inventory (product_id)
        where stock_level > 0
        $$,
        array[
            'inventory_product_id_fkey on retail.inventory: no index starts with its columns, '
            'so each delete of the other side scans the table'
        ]
    ),
    (
        'check_foreign_keys',
        $$
        drop index retail.orders_customer_id_idx;
        create index on retail.orders (store_id, status, customer_id)
        $$,
        array[
            'orders_customer_id_fkey on retail.orders: no index starts with its columns, so '
            'each delete of the other side scans the table'
        ]
    ),
    (
        'check_foreign_keys',
        $$
        drop index retail.orders_customer_id_idx;
        create index on retail.orders (customer_id, store_id)
        $$,
        '{}'
    ),
    (
        'check_cached_tables',
        'drop trigger orders_notify_change on retail.orders',
        array[
            'retail.orders: tools may read it, answers are kept (@tool cache=), and nothing tells '
            'the servers that it has changed: add a trigger with mcp.notify_change()'
        ]
    ),
    (
        'check_cached_tables',
        'alter table retail.stores disable trigger stores_notify_change',
        array[
            'retail.stores: tools may read it, answers are kept (@tool cache=), and nothing tells '
            'the servers that it has changed: add a trigger with mcp.notify_change()'
        ]
    ),
    (
        'check_cached_tables',
        $$
        drop trigger orders_notify_change on retail.orders;
        update mcp.tools set cache_seconds = 0
        $$,
        '{}'
    ),
    (
        'check_indexes',
        $$
        update pg_catalog.pg_index set indisvalid = false
        where indexrelid = 'retail.orders_order_date_idx'::regclass
        $$,
        array[
            'retail.orders_order_date_idx: it is invalid, left by a failed concurrent build: '
            'drop it and build it again'
        ]
    ),
    (
        'check_policies',
        'alter policy orders_select on retail.orders to public',
        array[
            'orders_select on retail.orders: it applies to PUBLIC: name the roles, "to ..."'
        ]
    ),
    (
        'check_policies',
        'alter policy orders_select on retail.orders using (true)',
        array[
            'orders_select on retail.orders: it admits every row: only the owner of the table '
            'may have using (true)'
        ]
    ),
    (
        'check_policies',
        'alter policy orders_insert on retail.orders with check (true)',
        array[
            'orders_insert on retail.orders: it admits every row: only the owner of the table '
            'may have using (true)'
        ]
    ),
    (
        'check_policies',
        $$
        alter policy orders_select on retail.orders
        using (store_id = any(retail.get_user_store_list()))
        $$,
        array[
            'orders_select on retail.orders: it calls a function for every row: write (select '
            'schema.function())'
        ]
    ),
    (
        'check_public_execute',
        'grant execute on function retail.log_change() to public',
        array[
            'retail.log_change(): PUBLIC may execute it: revoke all on function ... from public'
        ]
    ),
    (
        'check_roles',
        'alter role zava_tools superuser bypassrls createrole createdb replication login',
        array[
            'zava_tools: it bypasses row-level security: alter role ... nobypassrls',
            'zava_tools: it is a superuser: alter role ... nosuperuser',
            'zava_tools: it may create databases: alter role ... nocreatedb',
            'zava_tools: it may create roles: alter role ... nocreaterole',
            'zava_tools: it may log in: alter role ... nologin',
            'zava_tools: it may replicate: alter role ... noreplication'
        ]
    ),
    (
        'check_roles',
        'grant zava_owner to zava_mcp',
        array['zava_mcp: it is a member of another role: revoke ... from it']
    ),
    (
        'check_roles',
        'alter role head_office login',
        array['head_office: it may log in: alter role ... nologin']
    ),
    (
        'check_roles',
        $$
        insert into auth.audiences (audience, description)
        values ('nobody_at_all', '')
        $$,
        array[
            'nobody_at_all: the audience is no role of this cluster: create role ... nologin'
        ]
    ),
    (
        'check_row_security',
        'alter table retail.orders disable row level security',
        array[
            'retail.orders: row-level security is off: alter table ... enable row level '
            'security'
        ]
    ),
    (
        'check_row_security',
        'alter table retail.orders no force row level security',
        array[
            'retail.orders: its owner is not bound: alter table ... force row level security'
        ]
    ),
    (
        'check_row_security',
        $$
        create table retail.fault (id uuid);
        grant select (id) on retail.fault to zava_sandbox
        $$,
        array[
            'retail.fault: it has no policy, so nobody sees a row: write '
            'sql/policies/<table>.sql',
            'retail.fault: its owner is not bound: alter table ... force row level security',
            'retail.fault: row-level security is off: alter table ... enable row level security'
        ]
    ),
    (
        'check_row_security',
        'create table retail.fault (id uuid)',
        '{}'
    ),
    (
        'check_tenant_keys',
        'create table retail.fault (id uuid primary key, store_id uuid, unique (id, store_id))',
        array[
            'fault_id_store_id_key on retail.fault: it does not start with store_id',
            'fault_pkey on retail.fault: it does not start with store_id'
        ]
    ),
    (
        'check_tenant_keys',
        $$
        create table retail.fault (store_id uuid, order_id uuid, foreign key (order_id, store_id)
        references retail.orders (order_id, store_id))
        $$,
        array['fault_order_id_store_id_fkey on retail.fault: it does not start with store_id']
    ),
    (
        'check_tenant_keys',
        $$
        create table retail.fault (store_id uuid, id uuid
        references retail.products, primary key (store_id, id))
        $$,
        '{}'
    )
) as f (check_name, fault, expected);

-- all checks together: each of these faults is told once

create function pg_temp.told(fault text)
returns setof text
language plpgsql
as $$
declare
    v_view regclass;
    v_rows text[];
    v_found text[] := '{}';
begin
    execute fault;
    for v_view in
        select c.oid
        from pg_catalog.pg_class as c
        where c.relnamespace = 'migrate'::regnamespace and c.relname like 'check\_%'
        order by c.relname
    loop
        execute format('select array_agg(c.object order by c.object) from %s as c', v_view) into v_rows;
        v_found := v_found || v_rows;
    end loop;
    return query select unnest(v_found);
end
$$;
update mcp.catalog_state set is_stale = false;
select results_eq(
    $$
    select t.*
    from pg_temp.told(
        'grant execute on function api.list_stores() to public;
        alter table retail.orders disable row level security;
        alter function api.get_current_utc_date() reset search_path;
        alter policy customers_select on retail.customers using (true);
        update mcp.catalog_state set is_stale = false'
    ) as t
    $$,
    array[
        'api.get_current_utc_date()', 'api.list_stores()',
        'customers_select on retail.customers', 'retail.orders'
    ],
    'four faults, four findings'
);

select finish();
rollback;
