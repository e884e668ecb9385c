-- The lock-down: forbidden is refused, ordinary queries run, check_lockdown finds what is new,
-- lockdown_grants has no line too many, lift_lockdown restores what lock_down took.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(143);
select tests.load_fixture();

-- extensions where the sandbox reaches them, of which PUBLIC may execute everything at first
create role test_dba superuser;
set local role test_dba;
create extension pg_trgm schema demo;
create extension cube schema demo;
reset role;
select cmp_ok(mcp_migrate.lock_down(), '>', 0, 'lock_down takes what an extension brought');

-- a tool that runs its caller's own SQL
create function demo_api.test_query(query text) returns text
language plpgsql
stable
security definer
set search_path = mcp_sandbox, pg_catalog, demo, pg_temp
as $$
declare
    v_row record;
begin
    execute query into v_row;
    return (select e.value #>> '{}' from json_each(row_to_json(v_row)) as e limit 1);
end
$$;
select tests.offer(
    'demo_api.test_query(text)', E'Query.\n\n@param query  A query.\n@tool sandbox', 'mcp_sandbox'
);
select mcp_catalog.refresh_catalog();

create function pg_temp.asked(query text)
returns text
language plpgsql
as $$
declare
    v_arguments jsonb := jsonb_build_object('query', query);
    v_refusal jsonb := tests.refusal('admin', 'test_query', v_arguments);
begin
    if v_refusal is not null then
        return concat_ws(' ', v_refusal ->> 'code', v_refusal ->> 'message');
    end if;
    return tests.call('admin', 'test_query', v_arguments) ->> 'value';
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
    ('runaway', 'textlike', '''a'' operator(pg_catalog.~~) ''a'''),
    ('runs SQL', 'query_to_xml', 'query_to_xml(''select 1'', true, true, '''')'),
    ('runs SQL', 'ts_stat', 'ts_stat(''select null::tsvector'')'),
    ('runs SQL', 'ts_rewrite', 'ts_rewrite(''a'', ''select null::tsquery, null::tsquery'')'),
    ('settings', 'set_config', 'set_config(''work_mem'', ''1GB'', false)'),
    ('settings', 'set_config', 'U&"\0073et_config"(''TimeZone'', ''Asia/Tokyo'', false)'),
    ('settings', 'current_setting', 'current_setting(''app.current_rls_user_id'')'),
    ('settings', 'setseed', 'setseed(0.5)'),
    ('settings', 'set_limit', 'demo.set_limit(0.1)'),
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
    ('statistics', 'pg_relation_size', 'pg_relation_size(''demo.notes'')'),
    ('statistics', 'pg_database_size', 'pg_database_size(''postgres'')'),
    ('effects', 'pg_sleep', 'pg_sleep(0)'),
    ('effects', 'pg_logical_emit_message', 'pg_logical_emit_message(false, ''a'', ''b'')'),
    ('effects', 'nextval', 'nextval(''demo.notes'')'),
    ('effects', 'pg_export_snapshot', 'pg_export_snapshot()'),
    ('effects', 'pg_import_system_collations', 'pg_import_system_collations(''demo'')'),
    ('catalogue', 'pg_get_functiondef', 'pg_get_functiondef(1242)'),
    ('catalogue', 'has_table_privilege', 'has_table_privilege(''mcp_auth.users'', ''select'')'),
    ('catalogue', 'to_regclass', 'to_regclass(''demo.notes'')'),
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
    ('to_tsvector(''letters'') @@ websearch_to_tsquery(''letter'')', 'true'),
    ('round(avg(g), 1) from generate_series(1, 2) as g', '1.5'),
    ('''(1,2)''::cube <-> ''(1,2)'' < 0.001', 'true'),
    ('''letter''::text % ''letters''', 'true'),
    ('similarity(''letter'', ''letter'')', '1'),
    ('enum_first(null::demo.state) is not null', 'true'),
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
    ('demo_server', 'select set_config(''a.b'', ''c'', false)', 'function set_config'),
    ('demo_server', 'select pg_advisory_unlock_all()', 'function pg_advisory_unlock_all'),
    ('demo_server', 'select from pg_catalog.pg_class', 'table pg_class'),
    ('demo_server', 'do ''begin end''', 'language plpgsql'),
    ('demo_server', 'select from information_schema.tables', 'schema information_schema'),
    ('mcp_tools', 'select set_config(''a.b'', ''c'', false)', 'function set_config'),
    ('mcp_tools', 'select from pg_catalog.pg_proc', 'table pg_proc'),
    ('demo_owner', 'select from pg_catalog.pg_class', 'table pg_class'),
    ('mcp_core', 'select pg_sleep(0)', 'function pg_sleep')
) as s (role, statement, what);
select results_eq(
    $$
    select r.rolname::text collate "default"
    from pg_catalog.pg_roles as r
    where r.rolname ~ '^(mcp|demo)_'
        and has_database_privilege(r.oid, current_database(), 'connect')
    order by r.rolname
    $$,
    array['demo_server', 'mcp_server'],
    'only the server''s login may connect'
);
select is_empty(
    $$
    select r.rolname
    from pg_catalog.pg_roles as r
    where r.rolname ~ '^(mcp|demo)_'
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
    where g.role in ('mcp_core', 'mcp_tools', 'mcp_sandbox', 'mcp_server')
        and g.kind <> 'database'
        -- what obj_description and col_description read
        and g.object <> 'pg_catalog.pg_description'
        and not exists (
            select
            from pg_catalog.pg_proc as p
            inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
            where n.nspname ~ '^mcp(_|$)'
                and p.prokind = 'f'
                and case
                    when p.prosecdef then p.proowner = g.role::regrole
                    else has_function_privilege(g.role, p.oid, 'execute')
                end
                and pg_get_functiondef(p.oid) ~ (
                    '\m' || regexp_replace(g.object, '^pg_catalog\.|\(.*', '', 'g') || '\M'
                )
        )
    $$,
    'every line names what a function that runs as its role uses'
);
select set_eq(
    'select g.object from mcp_migrate.lockdown_grants as g where g.role = ''mcp_server''',
    array[null::text],
    'the logins get nothing but the database'
);
select is_empty(
    'select from mcp_migrate.lockdown_grants as g where g.role = ''mcp_sandbox''',
    'the sandbox gets nothing'
);

-- mcp_migrate.check_lockdown

select is_empty('table mcp_migrate.check_lockdown', 'nothing to find');

create function pg_temp.found(fault text)
returns setof text
language plpgsql
as $$
declare
    v_found text[];
begin
    begin
        execute fault;
        select array_agg(concat_ws(': ', c.object, c.problem) order by 1)
        into v_found
        from mcp_migrate.check_lockdown as c;
        raise exception sqlstate 'ZZ000';
    exception
        when sqlstate 'ZZ000' then null;
    end;
    return query select unnest(v_found);
end
$$;
select
    results_eq(
        format('select * from pg_temp.found(%L)', f.fault),
        (
            select
                array_agg(
                    format(
                        '%s: it may use what the lock-down forbids, class "%s": %s: select '
                        'mcp_migrate.lock_down(), or a line in mcp_migrate.lockdown_grants',
                        e.grantee, e.class, e.objects
                    )
                )
            from jsonb_to_recordset(f.expected) as e (grantee text, class text, objects text)
        ),
        format('check_lockdown: %s', regexp_replace(btrim(f.fault), '\s+', ' ', 'g'))
    )
from (
    values
    (
        'grant execute on function pg_sleep(double precision) to public',
        '[{"grantee": "PUBLIC", "class": "effects",
        "objects": "pg_sleep(double precision)"}]'::jsonb
    ),
    (
        'grant execute on function set_config(text, text, boolean) to mcp_sandbox',
        '[{"grantee": "mcp_sandbox", "class": "settings",
        "objects": "set_config(text,text,boolean)"}]'
    ),
    (
        'grant select on pg_catalog.pg_proc to demo_server',
        '[{"grantee": "demo_server", "class": "catalogue", "objects": "table pg_catalog.pg_proc"}]'
    ),
    (
        'grant select (rolname) on pg_catalog.pg_authid to mcp_tools',
        '[{"grantee": "mcp_tools", "class": "catalogue",
        "objects": "table pg_catalog.pg_authid"}]'
    ),
    (
        'grant usage on schema information_schema to public; '
        'grant usage on language sql to public',
        '[{"grantee": "PUBLIC", "class": "catalogue", "objects": "schema information_schema"},
        {"grantee": "PUBLIC", "class": "effects", "objects": "language sql"}]'
    ),
    (
        -- as the next PostgreSQL might bring it
        $$
        set local allow_system_table_mods = on;
        create function pg_catalog.pg_forget_everything() returns void
        language sql volatile return null;
        grant execute on function pg_catalog.pg_forget_everything() to public
        $$,
        '[{"grantee": "PUBLIC", "class": "effects", "objects": "pg_forget_everything()"}]'
    ),
    (
        -- somebody else's default privileges leave it to PUBLIC
        'set local role test_dba; create extension dict_int schema demo; reset role',
        null
    ),
    (
        'set local role test_dba; create extension pg_prewarm schema demo; reset role',
        '[{"grantee": "PUBLIC", "class": "effects", "objects": "demo.autoprewarm_dump_now(), '
        'demo.autoprewarm_start_worker(), demo.pg_prewarm(regclass,text,text,bigint,bigint)"}]'
    ),
    (
        'set local role test_dba; create extension tablefunc schema demo; reset role',
        '[{"grantee": "PUBLIC", "class": "effects", "objects": "demo.normal_rand(integer,double '
        'precision,double precision)"},
        {"grantee": "PUBLIC", "class": "runs SQL", "objects": "demo.connectby(text,text,text,'
        'text,integer), demo.connectby(text,text,text,text,integer,text), '
        'demo.connectby(text,text,text,text,text,integer), '
        'demo.connectby(text,text,text,text,text,integer,text), demo.crosstab(text) and 5 more"}]'
    )
) as f (fault, expected);

set local role test_dba;
create extension tablefunc schema demo;
reset role;
select cmp_ok(mcp_migrate.lock_down(), '>', 5, 'lock_down again takes what came later');
select is_empty('table mcp_migrate.check_lockdown', 'and nothing is found any more');
select is(mcp_migrate.lock_down(), 0, 'a third time there is nothing to do');

-- whom it would cost what, and whom it spares

create role test_app login;
select is(
    (select count(*) from mcp_migrate.lockdown_plan() as p where p.privileges > 0),
    0::bigint,
    'nobody loses more where it is on'
);
insert into mcp_migrate.spared (role) values ('test_app');
select is(mcp_migrate.lock_down(), 0, 'one more role is spared');
select ok(
    has_function_privilege('test_app', 'pg_sleep(float8)', 'execute'), 'it keeps what PUBLIC had'
);
delete from mcp_migrate.spared;
select is(mcp_migrate.lock_down(), 0, 'and no more');
select ok(
    not has_function_privilege('test_app', 'pg_sleep(float8)', 'execute'), 'like everybody'
);

-- back: as it was, but for what others did

create temporary table before as
select
    l.kind,
    l.object,
    l.column_name,
    l.acl_before
from mcp_migrate.locked as l
where l.is_exact;
grant execute on function pg_sleep(double precision) to test_app;
select cmp_ok(mcp_migrate.lift_lockdown(), '>', 600, 'lift_lockdown gives back');
select cmp_ok((select count(*) from before), '>', 600::bigint, 'most were changed by it alone');
select is_empty(
    $$
    select b.object
    from before as b
    where b.object <> 'pg_sleep(double precision)'
        and mcp_migrate.acl_of(b.kind, b.object, b.column_name) is distinct from b.acl_before
    $$,
    'each list is as it was, to the byte'
);
select is(
    mcp_migrate.acl_of('function', 'pg_sleep(double precision)', ''),
    '{postgres=X/postgres,test_app=X/postgres,=X/postgres}',
    'what somebody granted stays'
);
select is_empty('table mcp_migrate.locked', 'nothing is left');
select is_empty('table mcp_migrate.check_lockdown', 'off, nothing is found');
select is(mcp_migrate.keep_lockdown(), 0, 'apply leaves it off');
select results_eq(
    $$
    select
        p.is_login,
        p.loses,
        p.privileges
    from mcp_migrate.lockdown_plan() as p
    where p.role = 'test_app' and p.loses ~ ' on '
    $$,
    format(
        $$values
            (true, 'connect on database %1$s', 1::bigint),
            (true, 'temporary on database %1$s', 1),
            (true, 'usage on language plpgsql', 1),
            (true, 'usage on language sql', 1),
            (true, 'usage on schema information_schema', 1),
            (true, 'usage on schema public', 1)
        $$,
        current_database()
    ),
    'what a login would lose'
);
select is(pg_temp.asked('select pg_sleep(0)'), '', 'the sandbox may do what anybody may');
select is_empty(
    $$
    select
        f.object
    from mcp_migrate.forbidden() as f
    where f.is_public
        and not exists (select from aclexplode(f.acl) as a where a.grantee = 0)
    $$,
    'PUBLIC has all that PostgreSQL gives it'
);
select is_empty(
    $$
    select
        f.object
    from mcp_migrate.forbidden() as f
    where not f.is_public
        and exists (select from aclexplode(f.acl) as a where a.grantee = 0)
    $$,
    'and nothing that it does not'
);
select is(
    pg_temp.asked('select pg_read_file(''PG_VERSION'')'),
    '42501 permission denied for function pg_read_file',
    'so files stay closed'
);

-- who may do it

create role test_login;
grant mcp_core to test_login;
grant usage on schema mcp_migrate to test_login;
grant select, insert on all tables in schema mcp_migrate to test_login;
grant execute on all functions in schema mcp_migrate to test_login;
select throws_ok(
    tests.writes(null, 'select mcp_migrate.lock_down()', 'demo_owner'),
    '42501',
    'permission denied for schema mcp_migrate',
    'nobody but the migration login'
);
select throws_ok(
    tests.writes(null, 'select mcp_migrate.lock_down()', 'test_login'),
    '42501',
    'this database is not locked down, and test_login may not do it',
    'an ordinary login cannot, and is told'
);
select cmp_ok(mcp_migrate.lock_down(), '>', 600, 'a superuser can');
select throws_ok(
    tests.reads(null, 'select mcp_migrate.lift_lockdown()', 'test_login'),
    '42501',
    null::text,
    'nor lift it'
);
select throws_ok(
    tests.writes(null, 'select mcp_migrate.lock_down()', 'test_login'),
    '42501',
    null::text,
    'who may not see the catalogues cannot tell'
);
insert into mcp_migrate.spared (role) values ('test_login');
select is(mcp_migrate.lock_down(), 0, 'one that is spared');
select results_eq(
    tests.reads(null, 'select mcp_migrate.lock_down()', 'test_login'),
    array['0'],
    'sees that it is done'
);

select finish();
rollback;
