-- The catalogue of the core: what holds for every table, function and role, of today or later.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(52);

-- the core's own schemas; mcp_migrate, the ledger of zava-mcp migrate, belongs to its login
create view pg_temp.schemas as
select
    n.oid,
    n.nspname
from pg_catalog.pg_namespace as n
where n.nspname in ('mcp', 'mcp_auth', 'mcp_catalog', 'mcp_log', 'mcp_tool', 'mcp_sandbox');

create view pg_temp.functions as
select
    p.oid,
    p.proname,
    p.proowner,
    p.prosecdef,
    p.proacl,
    s.nspname,
    p.oid::regprocedure::text as signature
from pg_catalog.pg_proc as p
inner join pg_temp.schemas as s on p.pronamespace = s.oid;

create view pg_temp.roles as
select
    r.oid,
    r.rolname
from pg_catalog.pg_roles as r
where r.rolname in (
    'mcp_core', 'mcp_tools', 'mcp_sandbox', 'mcp_server',
    'demo_owner', 'demo_server', 'demo_members', 'demo_admins'
);

-- what zava-mcp migrate verify asks; mcp_migrate/test_checks.sql proves that each check finds its
-- fault

select results_eq(
    $$
    select c.relname::text collate "default" as line
    from pg_catalog.pg_class as c
    where c.relnamespace = 'mcp_migrate'::regnamespace and c.relname like 'check\_%'
    order by line
    $$,
    array[
        'check_cached_tables', 'check_catalog', 'check_comments', 'check_core_access',
        'check_definer_functions', 'check_descriptions', 'check_distributed_code',
        'check_distributed_keys', 'check_distribution', 'check_foreign_keys', 'check_hidden_rows',
        'check_indexes', 'check_lockdown', 'check_masks', 'check_policies', 'check_public_execute',
        'check_roles', 'check_row_security', 'check_system_columns', 'check_tenant_keys',
        'check_view_security'
    ],
    'the checks are these'
);

select
    is_empty(
        -- plan() is DDL too: it has marked the catalogue as older than the functions; what the
        -- tests bring is judged where tools reach it
        format(
            'select from %s where object !~ ''^mcp_catalog.tools$|\m((demo|demo_api|tests)\.)''',
            c.oid::regclass
        ),
        format('%s finds nothing', c.oid::regclass)
    )
from pg_catalog.pg_class as c
where c.relnamespace = 'mcp_migrate'::regnamespace and c.relname like 'check\_%';

-- tables

select is_empty(
    $$
    select c.oid::regclass
    from pg_catalog.pg_class as c
    inner join pg_temp.schemas as s on c.relnamespace = s.oid
    where c.relkind in ('m', 'f')
        or (c.relkind = 'v' and not coalesce('security_invoker=true' = any(c.reloptions), false))
    $$,
    'no view, materialized view or foreign table reads around the policies'
);

select is_empty(
    $$
    select
        c.oid::regclass,
        c.relowner::regrole
    from pg_catalog.pg_class as c
    inner join pg_temp.schemas as s on c.relnamespace = s.oid
    where c.relkind in ('r', 'p', 'v', 'S')
        and c.relowner <> 'mcp_core'::regrole
    $$,
    'mcp_core owns every table'
);

select is_empty(
    $$
    select
        c.oid::regclass
    from pg_catalog.pg_class as c
    inner join pg_temp.schemas as s on c.relnamespace = s.oid
    where c.relkind in ('r', 'p')
        and c.oid <> 'mcp_auth.limits'::regclass
        and not exists (
            select
            from pg_catalog.pg_constraint as p
            where p.conrelid = c.oid and p.contype = 'p'
        )
    $$,
    'every table has a primary key, but for mcp_auth.limits, whose audience may be null'
);

select is_empty(
    $$
    select
        f.conrelid::regclass,
        f.conname
    from pg_catalog.pg_constraint as f
    inner join pg_temp.schemas as s on f.connamespace = s.oid
    where f.contype = 'f' and f.confdeltype <> 'r'
    $$,
    'no delete cascades'
);

-- comments

select is_empty(
    $$
    select
        c.oid::regclass,
        a.attname
    from pg_catalog.pg_class as c
    inner join pg_temp.schemas as s on c.relnamespace = s.oid
    inner join pg_catalog.pg_attribute as a on c.oid = a.attrelid
    where c.relkind = 'c'
        and a.attnum > 0
        and not a.attisdropped
        and col_description(c.oid, a.attnum) is null
    $$,
    'every column of a composite type has a comment'
);

-- functions

select is_empty(
    'select from pg_catalog.pg_default_acl', 'nobody''s default privileges were changed'
);

select is_empty(
    $$
    select
        f.signature,
        f.proowner::regrole
    from pg_temp.functions as f
    where f.prosecdef
        and f.proowner::regrole::text <> all(
            array['mcp_core', 'mcp_tools']
        )
        and f.signature <> all(array[
            'mcp_catalog.query_fault(text)', 'mcp_catalog.query_columns(text,text)',
            'mcp_catalog.open_query(text,text)', 'mcp.export_query_rows(integer,text)'
        ])
    $$,
    'every definer function is owned by mcp_core or mcp_tools, but for what runs queries'
);

select bag_eq(
    'select f.oid::regprocedure::text from mcp_catalog.exposed_functions() as f (oid)',
    $$
    select t.function from mcp_catalog.tools as t
    union all
    select r.function from mcp_catalog.resources as r
    union all
    select p.function from mcp_catalog.prompts as p
    union all
    select c.function from mcp_catalog.completions as c
    union all
    select s.function from mcp_catalog.skills as s
    $$,
    'every function exposed is a tool, resource, prompt, completion or skill, and no other is one'
);

select is_empty(
    $$
    select c.relname
    from pg_catalog.pg_class as c
    where
        c.relnamespace = 'mcp_tool'::regnamespace
        and c.relkind <> 'c'
        and c.relname not like 'requests%'
    $$,
    'mcp_tool holds functions and types, and one table, of idempotency keys'
);

select results_eq(
    $$
    select
        format('%s: %s', f.signature, string_agg(a.grantee::regrole::text, ', ' order by r.rolname))
        collate "default" as line
    from pg_temp.functions as f
    cross join aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as a
    inner join pg_catalog.pg_roles as r on a.grantee = r.oid
    where f.nspname = 'mcp_auth' and a.grantee <> f.proowner
    group by f.signature
    order by line
    $$,
    array[
        'mcp_auth.claim(text): mcp_sandbox, mcp_tools',
        'mcp_auth.current_user_id(): mcp_tools',
        'mcp_auth.has_audience(name): mcp_sandbox, mcp_tools',
        'mcp_auth.scope_bigint(): mcp_sandbox, mcp_tools',
        'mcp_auth.scope_text(): mcp_sandbox, mcp_tools',
        'mcp_auth.scope_uuid(): mcp_sandbox, mcp_tools'
    ],
    'who may execute what of mcp_auth; nobody reads or writes a context, checks a key or signs'
);

-- schemas

select is_empty(
    $$
    select c.oid::regclass::text from pg_catalog.pg_class as c
    where c.relnamespace = 'public'::regnamespace
    union all
    select p.oid::regprocedure::text from pg_catalog.pg_proc as p
    where p.pronamespace = 'public'::regnamespace
    union all
    select t.oid::regtype::text from pg_catalog.pg_type as t
    where t.typnamespace = 'public'::regnamespace
    $$,
    'nothing lives in schema public'
);

select is_empty(
    $$
    select
        n.nspname,
        a.privilege_type
    from pg_catalog.pg_namespace as n
    cross join aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as a
    where a.grantee = 0 and n.nspname not in ('pg_catalog', 'information_schema')
    $$,
    'PUBLIC has no use of any schema but the system''s'
);

select is_empty(
    $$
    select
        r.rolname,
        n.nspname
    from pg_catalog.pg_namespace as n
    cross join pg_temp.roles as r
    where n.nspname !~ '^pg_(toast_)?temp'
        and has_schema_privilege(r.oid, n.oid, 'create')
        and (r.rolname, n.nspname) <> ('mcp_core', 'mcp_log')
    $$,
    'no role of ours may create in any schema, but for the days of the call log: nothing is left '
    'of a hand-over'
);

select results_eq(
    $$
    select
        format('%s: %s', r.rolname, string_agg(n.nspname, ', ' order by n.nspname))
        collate "default" as line
    from pg_temp.roles as r
    left join pg_catalog.pg_namespace as n
        on n.nspname ~ '^(mcp|demo)(_|$)'
        and has_schema_privilege(r.oid, n.oid, 'usage')
    group by r.rolname
    order by line
    $$,
    array[
        'demo_admins: ',
        'demo_members: ',
        'demo_owner: demo',
        'demo_server: mcp',
        'mcp_core: demo, demo_api, mcp, mcp_auth, mcp_catalog, mcp_log, mcp_migrate, mcp_tool',
        'mcp_sandbox: demo, mcp_sandbox, mcp_tool',
        'mcp_server: mcp',
        'mcp_tools: demo, mcp_auth, mcp_log, mcp_tool'
    ],
    'who may use which schema: the sandbox none of mcp, mcp_auth and the tools, the login mcp alone'
);

select is_empty(
    $$
    select e.extname
    from pg_catalog.pg_extension as e
    where e.extname not in ('plpgsql', 'pgtap')
        and (
            e.extnamespace in (select s.oid from pg_temp.schemas as s)
            or exists (
                select
                from pg_catalog.pg_depend as m
                inner join pg_catalog.pg_depend as d
                    on m.classid = d.refclassid and m.objid = d.refobjid
                inner join pg_temp.functions as f
                    on d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = f.oid
                where m.refclassid = 'pg_catalog.pg_extension'::regclass
                    and m.refobjid = e.oid and m.deptype = 'e'
            )
        )
    $$,
    'the core needs no extension, and has none in its schemas'
);

-- roles

select results_eq(
    $$
    select
        concat_ws(
            ' ', r.rolname,
            case when r.rolcanlogin then 'login' else 'nologin' end,
            case when r.rolinherit then 'inherit' else 'noinherit' end,
            case when r.rolsuper then 'superuser' end,
            case when r.rolbypassrls then 'bypassrls' end,
            case when r.rolcreaterole then 'createrole' end,
            case when r.rolcreatedb then 'createdb' end,
            case when r.rolreplication then 'replication' end
        ) collate "default" as line
    from pg_catalog.pg_roles as r
    inner join pg_temp.roles as ours on r.oid = ours.oid
    order by line
    $$,
    array[
        'demo_admins nologin inherit',
        'demo_members nologin inherit',
        'demo_owner nologin inherit',
        'demo_server login inherit',
        'mcp_core nologin inherit',
        'mcp_sandbox nologin inherit',
        'mcp_server nologin inherit',
        'mcp_tools nologin inherit'
    ],
    'the roles and their attributes: no power at all, and one login'
);

select is_empty(
    $$
    select
        r.rolname,
        f.signature
    from pg_temp.functions as f
    inner join pg_temp.roles as r on r.rolname in (select a.audience from mcp_auth.audiences as a)
    where has_function_privilege(r.oid, f.oid, 'execute')
    $$,
    'an audience carries EXECUTE on no function of the core'
);

select is_empty(
    $$
    select
        r.rolname,
        c.oid::regclass
    from pg_catalog.pg_class as c
    inner join pg_temp.schemas as s on c.relnamespace = s.oid
    inner join pg_temp.roles as r
        on r.rolname in ('mcp_server', 'demo_server', 'demo_members', 'demo_admins')
    where c.relkind in ('r', 'p', 'v')
        and (
            has_table_privilege(
                r.oid, c.oid, 'select, insert, update, delete, truncate, references, trigger'
            )
            or has_any_column_privilege(r.oid, c.oid, 'select, insert, update, references')
        )
    $$,
    'neither the login nor an audience has any privilege on a table or column'
);

select results_eq(
    $$
    select
        concat_ws(
            ' ', c.oid::regclass, r.rolname,
            case when has_table_privilege(r.oid, c.oid, 'select, insert, update, delete') then 'table' end
        ) collate "default"
    from pg_catalog.pg_class as c
    inner join pg_temp.schemas as s on c.relnamespace = s.oid
    cross join pg_temp.roles as r
    where s.nspname in ('mcp', 'mcp_auth', 'mcp_catalog', 'mcp_log')
        and c.relkind in ('r', 'p', 'v')
        and r.rolname <> 'mcp_core'
        and has_any_column_privilege(r.oid, c.oid, 'select, insert, update, references')
    $$,
    array[]::text [],
    'nobody but mcp_core reads what is the core''s'
);

select results_eq(
    $$
    select f.signature
    from pg_temp.functions as f
    where has_function_privilege('mcp_sandbox', f.oid, 'execute')
        and f.proowner <> 'mcp_sandbox'::regrole
    order by f.signature
    $$,
    array[
        'mcp_auth.claim(text)',
        'mcp_auth.has_audience(name)',
        'mcp_auth.scope_bigint()',
        'mcp_auth.scope_text()',
        'mcp_auth.scope_uuid()',
        'mcp_catalog.mask_email(text)',
        'mcp_catalog.mask_hash(text)',
        'mcp_catalog.mask_last4(text)',
        'mcp_sandbox.array_to_string(anyarray,text)',
        'mcp_sandbox.btrim(text,text)',
        'mcp_sandbox.lpad(text,integer,text)',
        'mcp_sandbox.ltrim(text,text)',
        'mcp_sandbox.repeat(text,integer)',
        'mcp_sandbox.replace(text,text,text)',
        'mcp_sandbox.rpad(text,integer,text)',
        'mcp_sandbox.rtrim(text,text)',
        'mcp_sandbox.split_part(text,text,integer)',
        'mcp_sandbox.string_to_array(text,text)',
        'mcp_sandbox.strpos(text,text)',
        'mcp_sandbox.translate(text,text,text)',
        'mcp_tool.nearest_table(text)',
        'mcp_tool.run_query(mcp_tool.query_text,mcp_tool.row_limit,text)',
        'mcp_tool.take_query(text,text)'
    ],
    'the sandbox executes what policies call, masks, its stand-ins and run_query, and nothing else '
    'of ours'
);

select is_empty(
    $$
    select
        c.oid::regclass,
        a.attname
    from pg_catalog.pg_class as c
    inner join pg_temp.schemas as s on c.relnamespace = s.oid
    inner join pg_catalog.pg_attribute as a on c.oid = a.attrelid and a.attnum > 0
    where c.relkind in ('r', 'p', 'v')
        and (
            has_table_privilege('mcp_sandbox', c.oid, 'insert, update, delete, truncate, trigger')
            or has_column_privilege('mcp_sandbox', c.oid, a.attnum, 'insert, update, references')
        )
    $$,
    'the sandbox writes no table and no column'
);

-- the login

select results_eq(
    $$
    select p.oid::regprocedure::text collate "default" as signature
    from pg_catalog.pg_proc as p
    inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
    where n.nspname not in ('pg_catalog', 'information_schema')
        and has_schema_privilege('demo_server', n.oid, 'usage')
        and has_function_privilege('demo_server', p.oid, 'execute')
    order by signature
    $$,
    array[
        'mcp.authenticate(text)',
        'mcp.call_tool(text,text,jsonb,jsonb,text)',
        'mcp.cancel_task(text,text,text,jsonb,text,text)',
        'mcp.check_login()',
        'mcp.claim_task()',
        'mcp.complete(text,jsonb,jsonb,jsonb)',
        'mcp.end_export(uuid,bigint,bigint,text)',
        'mcp.export_query_rows(integer,text)',
        'mcp.export_rows(integer,uuid)',
        'mcp.export_step(integer)',
        'mcp.fail_task(uuid,uuid,jsonb)',
        'mcp.fault_place(text)',
        'mcp.get_export(text,text,jsonb,text)',
        'mcp.get_prompt(text,text,jsonb,jsonb,text)',
        'mcp.get_skill(text,text)',
        'mcp.get_task(text,text,text,jsonb)',
        'mcp.handle(text,text,text,jsonb)',
        'mcp.health()',
        'mcp.list_prompts(text,text)',
        'mcp.list_resource_templates(text,text)',
        'mcp.list_resources(text,text)',
        'mcp.list_skills(text,text)',
        'mcp.list_tasks(text,text)',
        'mcp.list_tools(text,text,jsonb,text[],text[])',
        'mcp.lost_exports(text[])',
        'mcp.maintain()',
        'mcp.prepare_task(uuid,uuid)',
        'mcp.read_resource(text,text,jsonb,text)',
        'mcp.record_calls(jsonb)',
        'mcp.release_task(uuid,uuid)',
        'mcp.renew_task(uuid,uuid,text)',
        'mcp.run_task(uuid,uuid)',
        'mcp.shim_catalog()',
        'mcp.start_task(text,text,jsonb,jsonb,text,text,jsonb,boolean)',
        'mcp.task_result(text,text)',
        'mcp.update_task(text,text,jsonb,jsonb,text,text)',
        'mcp.wal_position()'
    ],
    'demo_server executes the entry points and nothing else'
);

select results_eq(
    $$
    select f.signature
    from pg_temp.functions as f
    where f.nspname in ('mcp', 'mcp_catalog', 'mcp_log') and has_function_privilege('mcp_tools', f.oid, 'execute')
    order by f.signature
    $$,
    array[
        'mcp_catalog.mask_email(text)', 'mcp_catalog.mask_hash(text)',
        'mcp_catalog.mask_last4(text)', 'mcp_catalog.masked_table(oid)',
        'mcp_catalog.terms_of(oid)', 'mcp_log.call_rate(interval)',
        'mcp_log.performance_summary(interval)', 'mcp_log.slow_calls(interval,integer)',
        'mcp_log.unmet(interval,integer)'
    ],
    'mcp_tools executes what tools about the log give, masks, and no entry point'
);

select is_empty(
    $$
    select f.signature
    from pg_temp.functions as f
    where f.nspname <> 'mcp' and has_function_privilege('demo_server', f.oid, 'execute')
    $$,
    'demo_server has no privilege on a function of another schema either'
);

select
    throws_ok(
        tests.writes(null, a.statement, 'demo_server'),
        '42501',
        a.message,
        format('demo_server is refused: %s', a.statement)
    )
from (
    values
    ('select from demo.notes', 'permission denied for schema demo'),
    ('select from mcp_auth.api_keys', 'permission denied for schema mcp_auth'),
    ('select from mcp_catalog.tools', 'permission denied for schema mcp_catalog'),
    ('select mcp_catalog.refresh_catalog()', 'permission denied for schema mcp_catalog'),
    ('select demo_api.list_notes()', 'permission denied for schema demo_api')
) as a (statement, message);

select results_eq(
    $$
    select unnest(s.setconfig) collate "default" as line
    from pg_catalog.pg_db_role_setting as s
    inner join pg_catalog.pg_database as d on s.setdatabase = d.oid
    where d.datname = current_database() and s.setrole = 'demo_server'::regrole
    order by line
    $$,
    array_remove(
        array[
            'idle_in_transaction_session_timeout=60s',
            'jit=off',
            'lock_timeout=5s',
            'row_security=on',
            'statement_timeout=60s',
            'temp_file_limit=1GB',
            -- PostgreSQL 16 has no bound for a transaction
            case
                when
                    current_setting('server_version_num')::integer >= 170000
                    then 'transaction_timeout=90s'
            end,
            'work_mem=4MB'
        ],
        null
    ),
    'no session of demo_server runs, waits, idles, sorts or spills without a limit'
);

select finish();
rollback;
