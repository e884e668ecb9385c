-- api.execute_sales_query: one SELECT, exact answers, its limits, and everything else refused.
begin;
set local search_path = tests, ext, public;
select plan(92);
select tests.load_fixture();

create function pg_temp.ask(who text, query text, max_rows integer default null)
returns jsonb
language sql
return tests.call(
    ask.who, 'execute_sales_query', jsonb_strip_nulls(
        jsonb_build_object('postgresql_query', ask.query, 'max_rows', ask.max_rows)
    )
);
create function pg_temp.refused(query text, who text default 'manager_a')
returns jsonb
language sql
return tests.refusal(
    refused.who, 'execute_sales_query', jsonb_build_object('postgresql_query', refused.query)
);

-- rows: those of the caller's stores
select is(
    pg_temp.ask('manager_a', 'select count(*), sum(o.total_amount) from retail.orders as o'),
    '{"columns": ["count", "sum"], "rows": [[2, 50.00]], "row_count": 1, "truncated": false}',
    'manager_a: two orders'
);
select
    is(
        pg_temp.ask(c.who, 'select o.total_amount from retail.orders as o order by 1') -> 'rows',
        c.amounts::jsonb,
        format('%s: exactly the own orders', c.who)
    )
from (
    values
    ('manager_b', '[[76.50]]'),
    ('manager_c', '[[10.00]]'),
    ('regional', '[[10.00], [40.00], [76.50]]'),
    ('nobody', '[]')
) as c (who, amounts);
select is(
    pg_temp.ask(
        'head',
        'select s.name, sum(o.total_amount) from retail.orders as o '
        'join retail.stores as s using (store_id) where s.name like ''Test Store %'' '
        'group by s.name order by s.name'
    ) -> 'rows',
    '[["Test Store A", 50.00], ["Test Store B", 76.50], ["Test Store C", 10.00]]',
    'head office: every store'
);
select
    is(
        pg_temp.ask(c.who, 'select c.last_name from retail.customers as c') -> 'rows',
        c.names::jsonb,
        format('%s: customers', c.who)
    )
from (
    values ('manager_a', '[["Lasta"]]'), ('regional', '[]'), ('head', '[]')
) as c (who, names);
select
    is(
        pg_temp.ask(
            c.who,
            'select k.cost from retail.product_costs as k join retail.products as p '
            'using (product_id) where p.sku like ''TEST-%'' order by 1'
        ) -> 'rows',
        c.costs::jsonb,
        format('%s: costs', c.who)
    )
from (
    values ('manager_a', '[]'), ('regional', '[]'), ('head', '[[6.00], [15.00]]')
) as c (who, costs);

-- the form of the answer
select is(
    pg_temp.ask('manager_a', 'select 1 as a, 2 as a, 3 as b'),
    '{"columns": ["a", "a", "b"], "rows": [[1, 2, 3]], "row_count": 1, "truncated": false}',
    'columns of the same name keep their own values'
);
select is(
    pg_temp.ask('manager_a', 'select o.order_id, o.status from retail.orders as o where false'),
    '{"columns": ["order_id", "status"], "rows": [], "row_count": 0, "truncated": false}',
    'no row still names the columns'
);
select is(
    pg_temp.ask('manager_a', 'select from retail.orders'),
    '{"columns": [], "rows": [[], []], "row_count": 2, "truncated": false}',
    'rows without columns are rows'
);
select is(
    (
        pg_temp.ask(
            'manager_a',
            'select 1.50, 9007199254740993, true, null, ''{"a": [1]}''::jsonb, ''NaN''::numeric, '
            'date ''2024-02-29'', ''{1,2}''::integer[]'
        ) -> 'rows'
    )::text,
    '[[1.50, 9007199254740993, true, null, {"a": [1]}, "NaN", "2024-02-29", [1, 2]]]',
    'numbers stay numbers, to the last digit; null stays null'
);
select is(
    pg_temp.ask('manager_a', 'select ''日本 🛒'' as "größe"'),
    '{"columns": ["größe"], "rows": [["日本 🛒"]], "row_count": 1, "truncated": false}',
    'Unicode in names and values'
);
select
    is(
        pg_temp.ask('manager_a', q.query) -> 'rows',
        q.expected::jsonb,
        format('also a query: %s', q.query)
    )
from (
    values
    ('select 1;', '[[1]]'),
    ('  /* why */ select 2 -- done', '[[2]]'),
    ('values (1), (2)', '[[1], [2]]'),
    ('with t as (select 3 as x) select t.x from t', '[[3]]'),
    ('(select 1 union all select 1) order by 1', '[[1], [1]]'),
    ('select ''drop table t; delete'' as note', '[["drop table t; delete"]]')
) as q (query, expected);
select is(
    jsonb_array_length(pg_temp.ask('manager_a', 'table retail.orders') -> 'rows'),
    2,
    'also a query: table retail.orders'
);

-- row cap
select is(
    pg_temp.ask('manager_a', 'select g from generate_series(1, 5) as g', 2),
    '{"columns": ["g"], "rows": [[1], [2]], "row_count": 2, "truncated": true}',
    'more rows than max_rows: the first ones, and it says so'
);
select is(
    pg_temp.ask('manager_a', 'select g from generate_series(1, 2) as g', 2) -> 'truncated',
    'false',
    'exactly max_rows is all'
);
select is(
    pg_temp.ask('manager_a', 'select g from generate_series(1, 500) as g') - 'rows',
    '{"columns": ["g"], "row_count": 100, "truncated": true}',
    'max_rows is 100 unless said otherwise'
);
select is(
    pg_temp.ask('manager_a', 'select g from generate_series(1, 2000) as g', 1000) - 'rows',
    '{"columns": ["g"], "row_count": 1000, "truncated": true}',
    'at most 1000 rows'
);
select
    is(
        tests.refusal(
            'manager_a', 'execute_sales_query',
            jsonb_build_object('postgresql_query', 'select 1', 'max_rows', m.max_rows)
        ),
        '{"code": "22023", "message": "max_rows must be a number from 1 to 1000", "hint": "",
    "column": "max_rows", "constraint": "a number from 1 to 1000"}',
        format('max_rows %s is refused', m.max_rows)
    )
from unnest(array[0, -1, 1001]) as m (max_rows);

-- byte cap
select is(
    pg_temp.ask(
        'manager_a',
        'select replace(repeat(''y'', 10000), ''y'', repeat(''x'', 30)) from generate_series(1, 9)'
    ) - 'rows',
    '{"columns": ["replace"], "row_count": 1, "truncated": true}',
    'rows that an answer does not hold are cut'
);
select is(
    pg_temp.ask('manager_a', 'select replace(repeat(''y'', 10000), ''y'', repeat(''ü'', 60))'),
    '{"columns": ["replace"], "rows": [], "row_count": 0, "truncated": true}',
    'bytes count, not characters; one row too large gives none, and it says so'
);

-- everything but one SELECT
select
    is(
        pg_temp.refused(q.query),
        jsonb_build_object(
            'code', q.code, 'message', q.message, 'hint', 'Send one SELECT that only reads.',
            'column', 'postgresql_query', 'constraint', 'one SELECT that runs without errors'
        ),
        format('refused: %s', q.query)
    )
from (
    values
    ('select 1; select 2', '42P11', 'cannot open multi-query plan as cursor'),
    ('select 1; drop table retail.orders', '42P11', 'cannot open multi-query plan as cursor'),
    ('commit; drop table retail.orders', '42P11', 'cannot open multi-query plan as cursor'),
    (
        'insert into retail.inventory (store_id, product_id, stock_level) select i.* from '
        '(select store_id, product_id, 1 from retail.inventory) as i',
        '42P11', 'cannot open INSERT query as cursor'
    ),
    ('update retail.orders set status = default', '42P11', 'cannot open UPDATE query as cursor'),
    ('delete from retail.orders', '42P11', 'cannot open DELETE query as cursor'),
    (
        'merge into retail.orders as o using retail.orders as p on false '
        'when matched then delete', '42P11', 'cannot open MERGE query as cursor'
    ),
    ('truncate retail.orders', '42P11', 'cannot open TRUNCATE TABLE query as cursor'),
    ('create table retail.t (a integer)', '42P11', 'cannot open CREATE TABLE query as cursor'),
    ('create temp table t (a integer)', '42P11', 'cannot open CREATE TABLE query as cursor'),
    ('create temp table t as select 1', '42P11', 'cannot open CREATE TABLE AS query as cursor'),
    ('drop table retail.orders', '42P11', 'cannot open DROP TABLE query as cursor'),
    ('grant all on retail.orders to public', '42P11', 'cannot open GRANT query as cursor'),
    ('copy retail.orders to stdout', '42P11', 'cannot open COPY query as cursor'),
    ('copy (select 1) to program ''true''', '42P11', 'cannot open COPY query as cursor'),
    ('explain select 1', '0A000', 'EXPLAIN is not allowed in a non-volatile function'),
    (
        'explain analyze delete from retail.orders',
        '0A000', 'EXPLAIN is not allowed in a non-volatile function'
    ),
    ('show search_path', '0A000', 'SHOW is not allowed in a non-volatile function'),
    ('set app.current_rls_user_id = ''x''', '42P11', 'cannot open SET query as cursor'),
    ('set role zava_owner', '42P11', 'cannot open SET query as cursor'),
    ('reset role', '42P11', 'cannot open RESET query as cursor'),
    ('reset all', '42P11', 'cannot open RESET query as cursor'),
    ('do $x$ begin null; end $x$', '42P11', 'cannot open DO query as cursor'),
    ('begin', '42P11', 'cannot open BEGIN query as cursor'),
    ('rollback', '42P11', 'cannot open ROLLBACK query as cursor'),
    ('prepare p as select 1', '42P11', 'cannot open PREPARE query as cursor'),
    ('lock table retail.orders', '42P11', 'cannot open LOCK TABLE query as cursor'),
    ('listen mcp_catalog', '42P11', 'cannot open LISTEN query as cursor'),
    (
        'with d as (delete from retail.orders returning 1) select count(*) from d',
        '0A000', 'SELECT is not allowed in a non-volatile function'
    ),
    (
        'with u as (update retail.inventory set stock_level = 0 returning 1) select 1',
        '0A000', 'SELECT is not allowed in a non-volatile function'
    ),
    ('select 1 into retail.t', '42P11', 'cannot open SELECT INTO query as cursor'),
    ('select 1 into temp t', '42P11', 'cannot open SELECT INTO query as cursor'),
    (
        'select o.order_id from retail.orders as o for update',
        '0A000', 'SELECT FOR UPDATE is not allowed in a non-volatile function'
    ),
    (
        'select o.order_id from retail.orders as o for share',
        '0A000', 'SELECT FOR SHARE is not allowed in a non-volatile function'
    )
) as q (query, code, message);
select is(
    (
        select array_agg(o.total_amount order by o.total_amount)
        from retail.orders as o
        where o.store_id = tests.store('a')
    ),
    array[10.00, 40.00],
    'and after all these the orders are what they were'
);

-- what a query must not reach
select
    is(
        pg_temp.refused(q.query) - 'hint',
        jsonb_build_object('code', '42501', 'message', q.message, 'column', '', 'constraint', ''),
        format('out of reach: %s', q.query)
    )
from (
    values
    ('select * from mcp_auth.users', 'permission denied for schema mcp_auth'),
    ('select * from mcp_auth.api_keys', 'permission denied for schema mcp_auth'),
    ('select mcp_auth.sign(''context'', ''x'')', 'permission denied for schema mcp_auth'),
    ('select mcp_auth.begin_request(''x'')', 'permission denied for schema mcp_auth'),
    ('select * from mcp_catalog.tools', 'permission denied for schema mcp_catalog'),
    ('select mcp.list_tools(''x'')', 'permission denied for schema mcp'),
    ('select * from api.list_stores()', 'permission denied for schema api'),
    ('select mcp_tool.not_found(''x'')', 'permission denied for function not_found'),
    ('select * from pg_catalog.pg_authid', 'permission denied for table pg_authid'),
    (
        'select pg_catalog.pg_read_file(''/etc/passwd'')',
        'permission denied for function pg_read_file'
    )
) as q (query, message);

-- errors of the query itself leave as PostgreSQL says them
select
    is(
        pg_temp.refused(q.query) - 'hint' - 'column' - 'constraint',
        jsonb_build_object('code', q.code, 'message', q.message),
        format('PostgreSQL''s own words: %s', q.query)
    )
from (
    values
    ('selec 1', '42601', 'syntax error at or near "selec"'),
    ('select nonsense from retail.orders', '42703', 'column "nonsense" does not exist'),
    ('select * from retail.nothing', '42P01', 'relation "retail.nothing" does not exist'),
    ('select ''x''::integer', '22P02', 'invalid input syntax for type integer: "x"'),
    ('select 1 / 0', '22012', 'division by zero'),
    (
        'select (select 1 union select 2)', '21000',
        'more than one row returned by a subquery used as an expression'
    ),
    ('select $1', '42P02', 'there is no parameter $1')
) as q (query, code, message);
select is(
    pg_temp.refused('select o.stat from retail.orders as o') ->> 'hint',
    'Perhaps you meant to reference the column "o.status".',
    'PostgreSQL''s own hint'
);

-- length of the query
select is(
    jsonb_array_length(
        pg_temp.ask('manager_a', 'select ''' || repeat('x', 9991) || '''') -> 'rows'
    ),
    1,
    '10000 bytes are let in'
);
select
    is(
        pg_temp.refused(q.query),
        '{"code": "22023", "hint": "", "column": "postgresql_query",
    "message": "postgresql_query must be one SQL query of at most 10000 bytes",
    "constraint": "one SQL query of at most 10000 bytes"}',
        format('refused: %s bytes', octet_length(q.query))
    )
from (
    values
    (''),
    (E' \n\t'),
    ('select ''' || repeat('x', 9992) || ''''),
    ('select ''' || repeat('ü', 5000) || ''''),
    ('select ''' || repeat('x', 19991) || '''')
) as q (query);

select finish();
rollback;
