-- The whole catalogue: what holds for every table, policy, function and role, of today or later.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(53);

-- our own schemas; "ext" holds extensions, "migrate" the ledger of migrate.py
create view pg_temp.schemas as
select
    n.oid,
    n.nspname
from pg_catalog.pg_namespace as n
where n.nspname in ('retail', 'api', 'auth', 'mcp', 'tool', 'call_log');

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
    'zava_owner', 'zava_auth', 'zava_tools', 'zava_sandbox', 'zava_mcp',
    'store_managers', 'regional_managers', 'head_office'
);

-- what migrate.py verify asks; test_migrate_checks.sql proves that each finds what it is for

select results_eq(
    $$
    select c.relname::text collate "default" as line
    from pg_catalog.pg_class as c
    where c.relnamespace = 'migrate'::regnamespace and c.relname like 'check\_%'
    order by line
    $$,
    array[
        'check_cached_tables', 'check_catalog', 'check_comments', 'check_definer_functions',
        'check_foreign_keys', 'check_indexes', 'check_lockdown', 'check_policies',
        'check_public_execute', 'check_roles', 'check_row_security', 'check_tenant_keys'
    ],
    'the checks are these'
);

select
    is_empty(
        -- plan() is DDL too: it has marked the catalogue as older than the functions
        format('select from %s where object <> ''mcp.tools''', c.oid::regclass),
        format('%s finds nothing', c.oid::regclass)
    )
from pg_catalog.pg_class as c
where c.relnamespace = 'migrate'::regnamespace and c.relname like 'check\_%';

-- tables and policies

select tables_are('retail', array[
    'categories', 'category_seasonality', 'change_log', 'customer_sales', 'customers',
    'daily_sales', 'daily_totals', 'embedding_models', 'inventory', 'order_items', 'orders',
    'product_costs', 'product_description_embeddings', 'product_types', 'products',
    'regions', 'search_words', 'stores', 'write_requests', 'year_to_date_sales'
], 'each of these tables has its test_policies_<table>.sql: a new one needs one too');

select is_empty(
    $$
    select c.relname
    from pg_catalog.pg_class as c
    where c.relnamespace = 'retail'::regnamespace
        and c.relkind in ('r', 'p')
        and not (c.relrowsecurity and c.relforcerowsecurity)
    $$,
    'row-level security is enabled and forced on every table'
);

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
        and c.relowner::regrole::text
        <> case s.nspname when 'retail' then 'zava_owner' else 'zava_auth' end
    $$,
    'zava_owner owns the tables of the application, zava_auth those of the core'
);

select is_empty(
    $$
    select
        p.polrelid::regclass,
        p.polname,
        r.rolname
    from pg_catalog.pg_policy as p
    inner join pg_catalog.pg_roles as r on r.oid = any(p.polroles)
    where r.rolname <> all(array['zava_tools', 'zava_sandbox', 'zava_owner'])
    $$,
    'policies are for the roles that statements run as'
);

select is_empty(
    $$
    select
        p.schemaname,
        p.tablename,
        role.name,
        command.name
    from pg_catalog.pg_policies as p
    cross join unnest(p.roles) as role (name)
    cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as command (name)
    where p.cmd in (command.name, 'ALL')
    group by p.schemaname, p.tablename, role.name, command.name
    having count(*) > 1
    $$,
    'one policy a table, command and role: several are ORed, which defeats the index'
);

select is_empty(
    $$
    select
        p.tablename,
        p.policyname
    from pg_catalog.pg_policies as p
    where p.permissive <> 'PERMISSIVE'
        or p.policyname <> p.tablename || '_' || case p.cmd when 'ALL' then 'owner' else lower(p.cmd) end
    $$,
    'policies are permissive and named <table>_<command>, or <table>_owner for all commands'
);

-- keys

select is_empty(
    $$
    select i.indexrelid::regclass
    from pg_catalog.pg_index as i
    inner join pg_catalog.pg_class as c on i.indrelid = c.oid
    inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attname = 'store_id'
    where c.relnamespace = 'retail'::regnamespace
        and c.relkind in ('r', 'p')
        and c.relname <> 'stores'
        and i.indisunique
        and i.indkey[0] <> a.attnum
    $$,
    'every primary and unique key of a tenant table starts with store_id'
);

select is_empty(
    $$
    select
        f.conrelid::regclass,
        f.conname
    from pg_catalog.pg_constraint as f
    inner join pg_catalog.pg_attribute as a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
    inner join pg_catalog.pg_attribute as r on r.attrelid = f.confrelid and r.attnum = f.confkey[1]
    where f.contype = 'f'
        and f.connamespace = 'retail'::regnamespace
        and exists (
            select
            from pg_catalog.pg_attribute as t
            where t.attrelid = f.confrelid and t.attname = 'store_id'
        )
        and (a.attname <> 'store_id' or r.attname <> 'store_id')
    $$,
    'every foreign key to a tenant table starts with store_id, so that it cannot cross stores'
);

select is_empty(
    $$
    select
        c.relname
    from pg_catalog.pg_class as c
    where c.relnamespace = 'retail'::regnamespace
        and c.relkind in ('r', 'p')
        and not exists (
            select
            from pg_catalog.pg_constraint as p
            where p.conrelid = c.oid and p.contype = 'p'
        )
    $$,
    'every table has a primary key'
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

select isnt_empty(
    $$
    select
    from pg_catalog.pg_default_acl as d
    inner join pg_catalog.pg_namespace as n on d.defaclrole = n.nspowner
    where n.nspname = 'retail'
        and d.defaclnamespace = 0
        and d.defaclobjtype = 'f'
        and not exists (select from aclexplode(d.defaclacl) as a where a.grantee = 0)
    $$,
    'nor the next one that the migration login makes, whatever its schema'
);

select is_empty(
    $$
    select
        f.signature,
        f.proowner::regrole
    from pg_temp.functions as f
    where f.prosecdef
        and f.proowner::regrole::text <> all(
            array['zava_owner', 'zava_auth', 'zava_tools', 'zava_sandbox']
        )
    $$,
    'every definer function is owned by one of the four roles made for it'
);

select bag_eq(
    $$select f.signature from pg_temp.functions as f where f.proowner = 'zava_sandbox'::regrole$$,
    $$
    select f.signature
    from pg_temp.functions as f
    where f.nspname = 'api'
        and obj_description(f.oid, 'pg_proc') ~ '(^|\n)@tool [^\n]*\msandbox\M'
    $$,
    'zava_sandbox owns the functions tagged for it, and no other'
);

select bag_eq(
    $$select f.oid::regprocedure from pg_temp.functions as f where f.nspname = 'api'$$,
    $$
    select t.function from mcp.tools as t
    union all
    select r.function from mcp.resources as r
    union all
    select p.function from mcp.prompts as p
    union all
    select c.function from mcp.completions as c
    $$,
    'every function of api is a tool, a resource, a prompt or a completion, and no other is one'
);

select is_empty(
    $$
    select c.relname
    from pg_catalog.pg_class as c
    where c.relnamespace in ('api'::regnamespace, 'tool'::regnamespace)
    $$,
    'api and tool hold functions alone'
);

select results_eq(
    $$
    select
        format('%s: %s', f.signature, string_agg(a.grantee::regrole::text, ', ' order by r.rolname))
        collate "default" as line
    from pg_temp.functions as f
    cross join aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as a
    inner join pg_catalog.pg_roles as r on a.grantee = r.oid
    where f.nspname = 'auth' and a.grantee <> f.proowner
    group by f.signature
    order by line
    $$,
    array[
        'auth.add_user(text,name,uuid[],text): zava_owner',
        'auth.create_api_key(uuid,text,timestamp with time zone): zava_owner',
        'auth.current_scope(): zava_sandbox, zava_tools',
        'auth.current_user_id(): zava_owner, zava_tools',
        'auth.has_audience(name): zava_sandbox, zava_tools',
        'auth.revoke_api_keys(uuid,text): zava_owner'
    ],
    'who may execute what of auth; nobody reads or writes a context, checks a key or signs'
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
        and (r.rolname, n.nspname) not in (('zava_auth', 'call_log'), ('zava_owner', 'retail'))
    $$,
    'no role of ours may create in any schema, but for the days of the call log and the vector '
    'index: nothing is left of a hand-over'
);

select results_eq(
    $$
    select
        format('%s: %s', r.rolname, string_agg(n.nspname, ', ' order by n.nspname))
        collate "default" as line
    from pg_temp.roles as r
    left join pg_catalog.pg_namespace as n
        on n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and has_schema_privilege(r.oid, n.oid, 'usage')
    group by r.rolname
    order by line
    $$,
    array[
        'head_office: ',
        'regional_managers: ',
        'store_managers: ',
        'zava_auth: api, auth, call_log, ext, mcp, migrate, retail, tool',
        'zava_mcp: mcp',
        'zava_owner: auth, ext, retail, tool',
        'zava_sandbox: ext, retail, sandbox',
        'zava_tools: auth, ext, mcp, retail, tool'
    ],
    'who may use which schema: the sandbox none of api, mcp and auth, the login mcp alone, '
    'zava_tools the types of mcp'
);

select is_empty(
    $$
    select e.extname
    from pg_catalog.pg_extension as e
    where e.extnamespace <> all(
        array['ext'::regnamespace, 'tests'::regnamespace, 'pg_catalog'::regnamespace]
    )
    $$,
    'extensions live in schema ext'
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
        'head_office nologin inherit',
        'regional_managers nologin inherit',
        'store_managers nologin inherit',
        'zava_auth nologin inherit',
        'zava_mcp login noinherit',
        'zava_owner nologin inherit',
        'zava_sandbox nologin inherit',
        'zava_tools nologin inherit'
    ],
    'the roles and their attributes: no power at all, and one login'
);

select bag_eq(
    $$select a.audience from auth.audiences as a$$,
    $$
    select r.rolname
    from pg_temp.roles as r
    where r.rolname in ('store_managers', 'regional_managers', 'head_office')
    $$,
    'the audiences are these three'
);

select is_empty(
    $$
    select
        r.rolname,
        f.signature
    from pg_temp.functions as f
    inner join pg_temp.roles as r on r.rolname in (select a.audience from auth.audiences as a)
    where f.nspname <> 'api' and has_function_privilege(r.oid, f.oid, 'execute')
    $$,
    'an audience carries EXECUTE on tools and on no other function'
);

select is_empty(
    $$
    select
        r.rolname,
        c.oid::regclass
    from pg_catalog.pg_class as c
    inner join pg_temp.schemas as s on c.relnamespace = s.oid
    inner join pg_temp.roles as r
        on r.rolname in ('zava_mcp', 'store_managers', 'regional_managers', 'head_office')
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
    where s.nspname in ('auth', 'mcp', 'call_log')
        and c.relkind in ('r', 'p', 'v')
        and r.rolname <> 'zava_auth'
        and has_any_column_privilege(r.oid, c.oid, 'select, insert, update, references')
    $$,
    array['auth.users zava_owner'],
    'nobody but zava_auth reads auth or mcp; zava_owner''s foreign key looks up the ids of users'
);

select results_eq(
    $$
    select a.attname::text collate "default"
    from pg_catalog.pg_attribute as a
    where a.attrelid = 'auth.users'::regclass
        and a.attnum > 0
        and has_column_privilege('zava_owner', a.attrelid, a.attnum, 'select')
    $$,
    array['user_id'],
    'which is all that it sees of them'
);

select results_eq(
    $$
    select f.signature
    from pg_temp.functions as f
    where has_function_privilege('zava_sandbox', f.oid, 'execute')
        and f.proowner <> 'zava_sandbox'::regrole
    order by f.signature
    $$,
    array[
        'auth.current_scope()',
        'auth.has_audience(name)',
        'retail.get_current_user_store()',
        'retail.get_user_store_list()',
        'retail.period_bounds(retail.time_period,date)'
    ],
    'the sandbox executes what policies call, the bounds of a period, and nothing else of ours'
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
            has_table_privilege('zava_sandbox', c.oid, 'insert, update, delete, truncate, trigger')
            or has_column_privilege('zava_sandbox', c.oid, a.attnum, 'insert, update, references')
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
        and has_schema_privilege('zava_mcp', n.oid, 'usage')
        and has_function_privilege('zava_mcp', p.oid, 'execute')
    order by signature
    $$,
    array[
        'mcp.authenticate(text)',
        'mcp.call_tool(text,text,jsonb,jsonb)',
        'mcp.check_login()',
        'mcp.complete(text,jsonb,jsonb,jsonb)',
        'mcp.create_call_log_partitions(integer)',
        'mcp.get_prompt(text,text,jsonb,jsonb)',
        'mcp.health()',
        'mcp.list_prompts(text,text)',
        'mcp.list_resource_templates(text,text)',
        'mcp.list_resources(text,text)',
        'mcp.list_tools(text,text)',
        'mcp.maintain()',
        'mcp.read_resource(text,text,jsonb)',
        'mcp.record_calls(jsonb)',
        'mcp.seal_call_log(integer)',
        'mcp.shim_catalog()',
        'mcp.wal_position()'
    ],
    'zava_mcp executes the entry points and nothing else'
);

select results_eq(
    $$
    select f.signature
    from pg_temp.functions as f
    where f.nspname = 'mcp' and has_function_privilege('zava_tools', f.oid, 'execute')
    order by f.signature
    $$,
    array['mcp.performance_summary(interval)', 'mcp.slow_calls(interval,integer)'],
    'zava_tools, which may name the types of mcp, executes what tools of head office give'
);

select is_empty(
    $$
    select f.signature
    from pg_temp.functions as f
    where f.nspname <> 'mcp' and has_function_privilege('zava_mcp', f.oid, 'execute')
    $$,
    'zava_mcp has no privilege on a function of another schema either'
);

select
    throws_ok(
        tests.writes(null, a.statement, 'zava_mcp'),
        '42501',
        a.message,
        format('zava_mcp is refused: %s', a.statement)
    )
from (
    values
    ('select from retail.orders', 'permission denied for schema retail'),
    ('select from auth.api_keys', 'permission denied for schema auth'),
    ('select from mcp.tools', 'permission denied for table tools'),
    ('select mcp.refresh_catalog()', 'permission denied for function refresh_catalog'),
    ('select api.list_stores()', 'permission denied for schema api')
) as a (statement, message);

select results_eq(
    $$
    select unnest(s.setconfig) collate "default" as line
    from pg_catalog.pg_db_role_setting as s
    inner join pg_catalog.pg_database as d on s.setdatabase = d.oid
    where d.datname = current_database() and s.setrole = 'zava_mcp'::regrole
    order by line
    $$,
    array[
        'idle_in_transaction_session_timeout=60s',
        'jit=off',
        'lock_timeout=5s',
        'statement_timeout=60s',
        'temp_file_limit=1GB',
        'transaction_timeout=90s',
        'work_mem=4MB'
    ],
    'no session of zava_mcp runs, waits, idles, sorts or spills without a limit'
);

select finish();
rollback;
