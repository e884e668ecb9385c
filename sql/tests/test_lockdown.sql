-- The lock-down of Zava Retail: what it forbids is refused, ordinary queries still run, and
-- lockdown_grants has no line too many. How it is made, checked and lifted: the tests of the core.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(108);
select tests.load_fixture();

create function pg_temp.asked(query text)
returns text
language plpgsql
as $$
declare
    v_arguments jsonb := jsonb_build_object('postgresql_query', query);
    v_refusal jsonb := tests.refusal('head', 'execute_sales_query', v_arguments);
begin
    if v_refusal is not null then
        return concat_ws(' ', v_refusal ->> 'code', v_refusal ->> 'message');
    end if;
    return tests.call('head', 'execute_sales_query', v_arguments) #>> '{rows,0,0}';
end
$$;

-- the sandbox: each class is refused, and is there

select
    is(
        pg_temp.asked('select ' || f.call),
        '42501 permission denied for function ' || f.name,
        format('%s: %s', f.class, f.name)
    )
from (
    values
    ('runs SQL', 'query_to_xml', 'query_to_xml(''select 1'', true, true, '''')'),
    ('runs SQL', 'ts_stat', 'ts_stat(''select null::tsvector'')'),
    ('runs SQL', 'ts_rewrite', 'ts_rewrite(''a'', ''select null::tsquery, null::tsquery'')'),
    ('settings', 'set_config', 'set_config(''work_mem'', ''1GB'', false)'),
    ('settings', 'set_config', 'U&"\0073et_config"(''TimeZone'', ''Asia/Tokyo'', false)'),
    ('settings', 'current_setting', 'current_setting(''app.current_rls_user_id'')'),
    ('settings', 'setseed', 'setseed(0.5)'),
    ('settings', 'set_limit', 'ext.set_limit(0.1)'),
    ('settings', 'pg_show_all_settings', 'pg_show_all_settings()'),
    ('locks', 'pg_advisory_lock', 'pg_advisory_lock(1)'),
    ('locks', 'pg_try_advisory_xact_lock', 'pg_try_advisory_xact_lock(1, 2)'),
    ('files', 'pg_read_file', 'pg_read_file(''PG_VERSION'')'),
    ('files', 'pg_ls_dir', 'pg_ls_dir(''.'')'),
    ('files', 'lo_creat', 'lo_creat(-1)'),
    ('sessions', 'pg_terminate_backend', 'pg_terminate_backend(1)'),
    ('sessions', 'pg_backend_pid', 'pg_backend_pid()'),
    ('sessions', 'pg_notify', 'pg_notify(''mcp_catalog'', '''')'),
    ('sessions', 'pg_current_xact_id', 'pg_current_xact_id()'),
    ('sessions', 'inet_server_addr', 'inet_server_addr()'),
    ('statistics', 'pg_stat_get_activity', 'pg_stat_get_activity(null)'),
    ('statistics', 'pg_stat_get_live_tuples', 'pg_stat_get_live_tuples(1259)'),
    ('statistics', 'pg_relation_size', 'pg_relation_size(''retail.orders'')'),
    ('statistics', 'pg_database_size', 'pg_database_size(''postgres'')'),
    ('effects', 'pg_sleep', 'pg_sleep(0)'),
    ('effects', 'pg_logical_emit_message', 'pg_logical_emit_message(false, ''a'', ''b'')'),
    ('effects', 'nextval', 'nextval(''retail.orders'')'),
    ('effects', 'pg_export_snapshot', 'pg_export_snapshot()'),
    ('effects', 'pg_import_system_collations', 'pg_import_system_collations(''retail'')'),
    ('catalogue', 'pg_get_functiondef', 'pg_get_functiondef(1242)'),
    ('catalogue', 'has_table_privilege', 'has_table_privilege(''mcp_auth.users'', ''select'')'),
    ('catalogue', 'to_regclass', 'to_regclass(''retail.orders'')'),
    ('catalogue', 'obj_description', 'obj_description(1259, ''pg_class'')'),
    ('catalogue', 'version', 'version()'),
    ('catalogue', 'pg_input_is_valid', 'pg_input_is_valid(''mcp_auth.users'', ''regclass'')'),
    ('memory', 'format', 'format(''%1000000000s'', ''x'')'),
    ('memory', 'repeat', 'pg_catalog.repeat(''x'', 3)'),
    ('memory', 'lpad', 'pg_catalog.lpad(''x'', 3)'),
    ('memory', 'array_fill', 'array_fill(1, array[100000000])')
) as f (class, name, call);

select
    is(
        pg_temp.asked('select count(*) from ' || r.relation),
        '42501 permission denied for ' || r.what,
        format('the sandbox does not read %s', r.relation)
    )
from (
    values
    ('pg_proc', 'table pg_proc'),
    ('pg_class', 'table pg_class'),
    ('pg_settings', 'view pg_settings'),
    ('pg_stat_activity', 'view pg_stat_activity'),
    ('pg_stats', 'view pg_stats'),
    ('pg_roles', 'view pg_roles'),
    ('pg_policies', 'view pg_policies'),
    ('information_schema.tables', 'schema information_schema')
) as r (relation, what);

select alike(
    tests.refusal(
        'head', 'execute_sales_query', '{"postgresql_query": "select format(''%s'', 1)"}'
    ) ->> 'hint',
    '%Build text with || and concat_ws.',
    'a refused function comes with a hint'
);

-- and what only computes goes on

select
    is(
        pg_temp.asked('select ' || q.expression),
        q.expected,
        q.expression
    )
from (
    values
    ('now() > date ''2020-01-01''', 'true'),
    ('clock_timestamp() >= statement_timestamp()', 'true'),
    ('to_char(timestamp ''2026-03-04 05:06'', ''YYYY-MM-DD HH24:MI'')', '2026-03-04 05:06'),
    (
        'date_trunc(''month'', timestamptz ''2026-03-04 00:00Z'', ''UTC'') at time zone ''UTC''',
        '2026-03-01T00:00:00'
    ),
    ('extract(isodow from date ''2026-03-04'')', '3'),
    ('age(date ''2026-03-04'', date ''2026-01-04'') = interval ''2 months''', 'true'),
    ('to_date(''04 Mar 2026'', ''DD Mon YYYY'')', '2026-03-04'),
    ('make_date(2026, 3, 4) + interval ''1 day''', '2026-03-05T00:00:00'),
    ('random() < 1', 'true'),
    ('gen_random_uuid() is not null', 'true'),
    ('concat(''a'', 1, null)', 'a1'),
    ('concat_ws(''-'', 1, 2)', '1-2'),
    ('1 || ''a''', '1a'),
    ('upper(left(''abc'', 2))', 'AB'),
    ('regexp_replace(''a1b2'', ''[0-9]'', '''', ''g'')', 'ab'),
    ('string_agg(g::text, '','' order by g) from generate_series(1, 3) as g', '1,2,3'),
    ('array_to_string(array_agg(g), ''/'') from generate_series(1, 3) as g', '1/2/3'),
    ('percentile_cont(0.5) within group (order by g) from generate_series(1, 3) as g', '2'),
    ('sum(g) over (order by g desc) from generate_series(1, 3) as g', '3'),
    ('jsonb_build_object(''a'', 1) ->> ''a''', '1'),
    ('jsonb_agg(g) ->> 2 from generate_series(1, 3) as g', '3'),
    ('row_to_json(r) ->> ''f1'' from (values (7)) as v (f1), lateral (select v.f1) as r', '7'),
    ('to_jsonb(date ''2026-03-04'')', '2026-03-04'),
    ('to_tsvector(''hammers'') @@ websearch_to_tsquery(''hammer'')', 'true'),
    ('round(avg(g), 1) from generate_series(1, 2) as g', '1.5'),
    ('''[1,2]''::vector <=> ''[1,2]'' < 0.001', 'true'),
    ('''hammer'' % ''hammers''', 'true'),
    ('similarity(''hammer'', ''hammer'')', '1'),
    ('enum_first(null::retail.order_status) is not null', 'true'),
    ('pg_typeof(1)', 'integer')
) as q (expression, expected);

-- the stand-ins of schema mcp_sandbox

select
    is(
        pg_temp.asked('select ' || q.expression),
        q.expected,
        q.expression
    )
from (
    values
    ('repeat(''ab'', 3)', 'ababab'),
    ('length(repeat(''x'', 10000))', '10000'),
    ('repeat(''x'', -1)', ''),
    ('repeat(null, 3) is null', 'true'),
    ('repeat(''x'', 10001)', '54000 repeat() makes at most 10000 characters here'),
    ('repeat(repeat(''x'', 100), 101)', '54000 repeat() makes at most 10000 characters here'),
    ('repeat(''xx'', 2147483647)', '54000 repeat() makes at most 10000 characters here'),
    ('lpad(''7'', 3, ''0'')', '007'),
    ('lpad(''7'', 3)', '  7'),
    ('lpad(''7'', 10001)', '54000 lpad() makes at most 10000 characters here'),
    ('rpad(''7'', 3, ''ab'')', '7ab'),
    ('rpad(''7'', 3) || ''|''', '7  |'),
    ('rpad(''7'', 1000000000, ''x'')', '54000 rpad() makes at most 10000 characters here')
) as q (expression, expected);

-- nesting

select is(
    tests.refusal(
        'head', 'execute_sales_query',
        jsonb_build_object('postgresql_query', 'select ' || repeat('1+', 4990) || '1')
    ) - 'constraint',
    '{"code": "54001", "message": "stack depth limit exceeded", "hint": "Nest less deeply.",
    "column": "postgresql_query"}',
    'a query that nests too deeply'
);
select is(
    tests.call(
        'head', 'execute_sales_query',
        '{"postgresql_query": "select (repeat(''['', 100) || repeat('']'', 100))::jsonb"}'
    ) -> 'row_count',
    '1',
    'a value of 100 levels'
);
select is(
    tests.refusal(
        'head', 'execute_sales_query',
        '{"postgresql_query": "select (repeat(''['', 101) || repeat('']'', 101))::jsonb"}'
    ),
    '{"code": "54000", "message": "the result is nested deeper than 100 levels",
    "hint": "Select plain values.", "column": "postgresql_query",
    "constraint": "one SELECT whose values nest at most 100 levels"}',
    'a value of 101, which clients could not read'
);

-- the other roles

select
    throws_ok(
        tests.writes(null, s.statement, s.role),
        '42501',
        'permission denied for ' || s.what,
        format('%s is refused: %s', s.role, s.statement)
    )
from (
    values
    ('zava_mcp', 'select set_config(''a.b'', ''c'', false)', 'function set_config'),
    ('zava_mcp', 'select pg_advisory_unlock_all()', 'function pg_advisory_unlock_all'),
    ('zava_mcp', 'select from pg_catalog.pg_class', 'table pg_class'),
    ('zava_mcp', 'do ''begin end''', 'language plpgsql'),
    ('zava_mcp', 'select from information_schema.tables', 'schema information_schema'),
    ('mcp_tools', 'select set_config(''a.b'', ''c'', false)', 'function set_config'),
    ('mcp_tools', 'select from pg_catalog.pg_proc', 'table pg_proc'),
    ('zava_owner', 'select from pg_catalog.pg_proc', 'table pg_proc'),
    ('mcp_core', 'select pg_sleep(0)', 'function pg_sleep')
) as s (role, statement, what);
select results_eq(
    $$
    select r.rolname::text collate "default"
    from pg_catalog.pg_roles as r
    where r.rolname like 'zava\_%'
        and has_database_privilege(r.oid, current_database(), 'connect')
    $$,
    array['zava_mcp'],
    'only the server''s login may connect'
);
select is_empty(
    $$
    select r.rolname
    from pg_catalog.pg_roles as r
    where r.rolname like 'zava\_%'
        and (
            has_database_privilege(r.oid, current_database(), 'temp')
            or has_language_privilege(r.oid, 'plpgsql', 'usage')
        )
    $$,
    'nobody makes temporary objects or functions'
);

-- lockdown_grants: no line too many

select is_empty(
    $$
    select
        g.role,
        g.object
    from mcp_migrate.lockdown_grants as g
    where not exists (
        select
        from mcp_migrate.forbidden() as f
        where f.kind = g.kind and f.object = coalesce(g.object, current_database())
    )
    $$,
    'every line is of something forbidden'
);
select is_empty(
    $$
    select
        g.role,
        g.object
    from mcp_migrate.lockdown_grants as g
    where g.role <> 'mcp_server'
        -- what obj_description and col_description read
        and g.object <> 'pg_catalog.pg_description'
        and not exists (
            select
            from pg_catalog.pg_proc as p
            where p.prokind = 'f'
                -- what runs as the role: its own functions, and the helpers that it calls
                and (
                    p.proowner = g.role::regrole
                    or (
                        not p.prosecdef
                        and p.pronamespace = 'mcp_tool'::regnamespace
                        and has_function_privilege(g.role::regrole, p.oid, 'execute')
                    )
                )
                and pg_get_functiondef(p.oid) ~ (
                    '\m' || regexp_replace(g.object, '^pg_catalog\.|\(.*', '', 'g') || '\M'
                )
        )
    $$,
    'every line names what a function of the role uses'
);
select results_eq(
    $$
    select
        g.role::text collate "default",
        g.object collate "default"
    from mcp_migrate.lockdown_grants as g
    where g.role in ('mcp_server', 'zava_mcp')
    $$,
    $$values ('mcp_server', null::text)$$,
    'the login gets nothing but the database'
);
select is_empty(
    'select from mcp_migrate.lockdown_grants as g where g.role = ''mcp_sandbox''',
    'the sandbox gets nothing'
);

select finish();
rollback;
