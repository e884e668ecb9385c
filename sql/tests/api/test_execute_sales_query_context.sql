-- api.execute_sales_query: whatever a query does to its context, it never reads one row more.
-- Without the lock-down, which refuses most of this before anything is read: test_lockdown.sql.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(68);
select cmp_ok(mcp_migrate.lift_lockdown(), '>', 600, 'the lock-down is lifted for this file');
select tests.load_fixture();

-- what somebody gets from a query: the last value of its first row, or the error
create function pg_temp.outcome(who text, query text)
returns text
language plpgsql
as $$
declare
    v_arguments jsonb := jsonb_build_object('postgresql_query', query);
    v_refusal jsonb := tests.refusal(who, 'execute_sales_query', v_arguments);
begin
    if v_refusal is not null then
        return format('%s %s', v_refusal ->> 'code', v_refusal ->> 'message');
    end if;
    return tests.call(who, 'execute_sales_query', v_arguments) #>> '{rows,0,-1}';
end
$$;

-- both sides: the orders that manager_a must not see are there
select is(
    pg_temp.outcome('manager_a', 'select count(*) from retail.orders'),
    '2',
    'manager_a has two orders'
);
select is(
    pg_temp.outcome('regional', 'select count(*) from retail.orders'),
    '3',
    'regional has three orders'
);
select is(
    pg_temp.outcome('head', 'select count(*) >= 4 from retail.orders'),
    'true',
    'and there are more'
);

-- what a query can make of the context it finds in its setting
create temp table forgeries on commit drop as
select
    f.what,
    format('set_config(''app.current_rls_user_id'', %s, true)', f.value) as rewrite
from (
    select
        v.what,
        replace(v.value, 'own', 'current_setting(''app.current_rls_user_id'')') as value
    from (
        values
        ('another store', format('replace(own, %L, %L)', tests.store('a'), tests.store('b'))),
        ('a store more', format('replace(own, ''}'', '',%s}'')', tests.store('b'))),
        ('another audience', 'replace(own, ''store_managers'', ''head_office'')'),
        ('no signature', 'regexp_replace(own, ''[|][^|]*$'', '''')'),
        ('an empty signature', 'regexp_replace(own, ''[^|]*$'', '''')'),
        ('rubbish', '''rubbish'''),
        ('nothing', 'left(own, 0)'),
        ('the same again', 'own')
    ) as v (what, value)
) as f;

-- places from which it can set it: %1$s sets it, the last column counts orders
create temp table places on commit drop as
select p.*
from (
    values
    ('the select list, before', 'select %1$s, (select count(*) from retail.orders)'),
    (
        'the select list, after',
        'select max(q.n) from ('
        'select (select count(*) from retail.orders) as n, %1$s offset 0) as q'
    ),
    ('where', 'select count(*) from retail.orders where %1$s is not null'),
    (
        'a materialized CTE',
        'with c as materialized (select %1$s as s) '
        'select count(*) from c, retail.orders'
    ),
    (
        'an inlined CTE',
        'with c as not materialized (select %1$s as s) '
        'select count(*) from c, retail.orders where c.s is not null'
    ),
    (
        'a recursive CTE',
        'with recursive c (i, s) as (select 1, %1$s union all '
        'select i + 1, %1$s from c where i < 3) '
        'select count(distinct o.order_id) from c, retail.orders as o'
    ),
    (
        'a lateral subquery',
        'select count(distinct o.order_id) from generate_series(1, 2) as g '
        'cross join lateral (select %1$s as s where g > 0) as c '
        'cross join lateral (select order_id from retail.orders where c.s is not null) as o'
    ),
    ('a scalar subquery', 'select (select %1$s), (select count(*) from retail.orders)'),
    ('case', 'select case when %1$s is not null then (select count(*) from retail.orders) end'),
    (
        'coalesce',
        'select coalesce(nullif(%1$s, current_setting(''app.current_rls_user_id'')), '
        '(select count(*)::text from retail.orders))'
    ),
    ('values', 'values (%1$s, (select count(*) from retail.orders))'),
    (
        'a window',
        'select count(*) from ('
        'select row_number() over (partition by %1$s) from retail.orders) as q'
    ),
    ('an aggregate', 'select count(%1$s) from retail.orders'),
    ('an aggregate filter', 'select count(*) filter (where %1$s is not null) from retail.orders'),
    (
        'group by and having',
        'select sum(q.n) from (select count(*) as n from retail.orders '
        'group by %1$s having %1$s is not null) as q'
    ),
    (
        'distinct on',
        'select count(*) from ('
        'select distinct on (order_id, %1$s) 1 from retail.orders) as q'
    ),
    (
        'order by',
        'select count(*) from ('
        'select order_id from retail.orders order by %1$s, order_id limit 1000000) as q'
    ),
    (
        'limit',
        'select count(*) from ('
        'select order_id from retail.orders limit 1000000 + length(%1$s)) as q'
    ),
    (
        'offset',
        'select count(*) from ('
        'select order_id from retail.orders offset 0 * length(%1$s)) as q'
    ),
    (
        'a function argument',
        'select count(*) from generate_series(0, 0 * length(%1$s)), retail.orders'
    ),
    (
        'rows from',
        'select count(distinct o.order_id) from rows from ('
        'generate_series(1, 1), regexp_split_to_table(%1$s, ''[|]'')), retail.orders as o'
    ),
    (
        'a join condition',
        'select count(distinct o.order_id) from retail.stores as s '
        'left join retail.orders as o on %1$s is not null'
    ),
    ('exists', 'select count(*) from retail.orders where exists (select %1$s)'),
    ('in', 'select count(*) from retail.orders where order_id::text not in (select %1$s)'),
    ('an array', 'select array[%1$s], (select count(*) from retail.orders)'),
    ('a row', 'select row(%1$s, 1), (select count(*) from retail.orders)'),
    (
        'union',
        'select max(q.n) from (select 0 * length(%1$s) as n '
        'union all select count(*) from retail.orders) as q'
    ),
    (
        'a fenced subquery',
        'select count(*) from (select %1$s offset 0) as c '
        'cross join lateral (select * from retail.orders offset 0) as o'
    ),
    (
        'each of several rows',
        'select max(q.n) from (select '
        '(select count(*) from retail.orders where g > 0) as n, %1$s '
        'from generate_series(1, 3) as g offset 0) as q'
    ),
    (
        'json_table',
        'select count(distinct o.order_id) from json_table('
        'jsonb_build_array((select %1$s)), ''$[*]'' columns (s text path ''$'')) as j, '
        'retail.orders as o'
    ),
    (
        'a query before ts_stat',
        'select %1$s, (select sum(ndoc) from ts_stat('
        '''select $t$a$t$::tsvector from retail.orders''))'
    ),
    (
        'ts_stat',
        'select sum(ndoc) from ts_stat($t$select ''a''::tsvector '
        'from (select %1$s offset 0) as c, retail.orders$t$)'
    ),
    (
        'ts_rewrite',
        'select substring(ts_rewrite(''a''::tsquery, $t$select ''a''::tsquery, '
        '(''n'' || (select count(*) from retail.orders))::tsquery '
        'from (select %1$s offset 0) as c$t$)::text from ''[0-9]+'')'
    ),
    (
        'query_to_xml',
        'select (xpath(''//n/text()'', query_to_xml('
        '$t$select %1$s, (select count(*) from retail.orders) as n$t$, true, false, '''')))[1]'
    ),
    (
        'a query before table_to_xml',
        'select %1$s, (xpath(''count(//row)'', '
        'table_to_xml(''retail.orders'', true, false, '''')))[1]'
    )
) as p (place, query);

select
    is(
        array(
            select format('%s: %s', f.what, o.outcome)
            from forgeries as f
            cross join
                lateral (
                    select pg_temp.outcome('manager_a', format(p.query, f.rewrite))
                ) as o (outcome)
            where
                -- a sum over no order is null
                coalesce(o.outcome, '0') not in ('0', '2', '42501 invalid request context')
                -- a server without libxml has no such function
                and o.outcome <> '0A000 unsupported XML feature'
        ),
        '{}'::text [],
        format('manager_a never sees more: the context set in %s', p.place)
    )
from places as p;

-- the rewrites above do reach the setting, and reading it then is refused
select
    is(
        pg_temp.outcome(
            'manager_a', format('select %s, (select count(*) from retail.orders)', f.rewrite)
        ),
        f.outcome,
        format('set before the orders are read: %s', f.what)
    )
from (
    select
        t.what,
        t.rewrite,
        case t.what
            when 'nothing' then '0'
            when 'the same again' then '2'
            else '42501 invalid request context'
        end as outcome
    from forgeries as t
) as f;

-- other ways to name the function and the setting
select
    is(
        pg_temp.outcome(
            'manager_a', format('select %s, (select count(*) from retail.orders)', c.call)
        ),
        '42501 invalid request context',
        format('refused: %s', c.call)
    )
from (
    values
    ('pg_catalog.set_config(''app.current_rls_user_id'', ''x'', true)'),
    ('"set_config"(''app.current_rls_user_id'', ''x'', true)'),
    (E'U&"set\\005fconfig"(''app.current_rls_user_id'', ''x'', true)'),
    ('SET_CONFIG(U&''app.current\005frls_user_id'', ''x'', true)'),
    ('set_config(''APP.Current_RLS_User_ID'', ''x'', true)'),
    ('set_config(''app.current_rls_user_id'', ''x'', false)')
) as c (call);

-- what only one audience sees
select
    is(
        pg_temp.outcome(
            c.who,
            format(
                'select set_config(''app.current_rls_user_id'', replace(replace('
                'current_setting(''app.current_rls_user_id''), %L, %L), ''{'', ''{%s,''), true), '
                '(select count(*) from retail.%s)',
                c.audience, c.other, tests.store('a'), c.relation
            )
        ),
        '42501 invalid request context',
        format('%s as one of %s: %s', c.who, c.other, c.relation)
    )
from (
    values
    ('manager_a', 'store_managers', 'head_office', 'product_costs'),
    ('regional', 'regional_managers', 'store_managers', 'customers'),
    ('head', 'head_office', 'store_managers', 'customers')
) as c (who, audience, other, relation);

-- the context of one caller is worth nothing to the next, and the query text cannot leave it behind
select is(
    pg_temp.outcome(
        'manager_b',
        'select set_config(''app.current_rls_user_id'', ''x'', false)'
    ),
    'x',
    'a context set for the session'
);
select is(
    coalesce(current_setting('app.current_rls_user_id', true), ''),
    '',
    'is gone after the call'
);
select is(
    pg_temp.outcome('manager_a', 'select count(*) from retail.orders'),
    '2',
    'and the next caller has its own'
);
select is(
    pg_temp.outcome('manager_a', 'select set_config(''app.left_behind'', ''x'', false)'),
    'x',
    'any other setting set for the session'
);
select is(
    coalesce(current_setting('app.left_behind', true), ''),
    '',
    'is gone after the call too, so that a pooled connection carries nothing on'
);

-- other settings that decide what is seen
select
    is(
        pg_temp.outcome(
            'manager_a',
            format(
                'select set_config(%L, %L, true), (select sum(ndoc) from ts_stat('
                '''select $t$a$t$::tsvector from retail.orders''))',
                s.setting, s.value
            )
        ),
        s.outcome,
        format('%s = %s', s.setting, s.value)
    )
from (
    values
    (
        'role', 'zava_owner',
        '42501 cannot set parameter "role" within security-definer function'
    ),
    ('role', 'none', '42501 cannot set parameter "role" within security-definer function'),
    (
        'session_authorization', 'zava_owner',
        '42501 cannot set parameter "session_authorization" within security-definer function'
    ),
    (
        'row_security', 'off',
        '42501 query would be affected by row-level security policy for table "orders"'
    ),
    (
        'transaction_read_only', 'off',
        '25001 cannot set transaction read-write mode inside a read-only transaction'
    ),
    (
        'session_replication_role', 'replica',
        '42501 permission denied to set parameter "session_replication_role"'
    ),
    ('search_path', 'auth, pg_catalog', '2')
) as s (setting, value, outcome);

select finish();
rollback;
