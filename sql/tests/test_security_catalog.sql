-- The whole catalogue: what holds for every table, policy, function and role, of today or later.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(54);

-- our own schemas; "ext" holds extensions, "mcp_migrate" the ledger
create view pg_temp.schemas as
select
    n.oid,
    n.nspname
from pg_catalog.pg_namespace as n
where n.nspname in ('retail', 'api', 'mcp', 'mcp_auth', 'mcp_catalog', 'mcp_tool', 'mcp_log');

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
    'zava_owner', 'mcp_core', 'mcp_tools', 'mcp_sandbox', 'mcp_server', 'zava_mcp',
    'store_managers', 'regional_managers', 'head_office'
);

-- what zava-mcp migrate verify asks; the tests of the core prove that each finds what it is for

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
            'select from %s where object !~ ''^mcp_catalog.tools$|\m(tests\.)''',
            c.oid::regclass
        ),
        format('%s finds nothing', c.oid::regclass)
    )
from pg_catalog.pg_class as c
where c.relnamespace = 'mcp_migrate'::regnamespace and c.relname like 'check\_%';

-- tables and policies

select tables_are('retail', array[
    'categories', 'category_seasonality', 'change_log', 'customer_sales', 'customers',
    'daily_sales', 'daily_totals', 'embedding_models', 'inventory', 'order_items', 'orders',
    'product_costs', 'product_description_embeddings', 'product_types', 'products',
    'regions', 'search_words', 'stores', 'year_to_date_sales'
], 'each of these tables has its policies/test_<table>.sql: a new one needs one too');

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
        <> case s.nspname when 'retail' then 'zava_owner' else 'mcp_core' end
    $$,
    'zava_owner owns the tables of the application, mcp_core those of the core'
);

select is_empty(
    $$
    select
        p.polrelid::regclass,
        p.polname,
        r.rolname
    from pg_catalog.pg_policy as p
    inner join pg_catalog.pg_roles as r on r.oid = any(p.polroles)
    where
        r.rolname <> all(array['mcp_tools', 'mcp_sandbox', 'zava_owner'])
        and (r.rolname, p.polname, p.polcmd) <> ('mcp_core', 'change_log_insert', 'a')
    $$,
    'policies are for the roles that statements run as, and for the functions that log'
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
            array['zava_owner', 'mcp_core', 'mcp_tools', 'mcp_sandbox']
        )
    $$,
    'every definer function is owned by one of the four roles made for it'
);

select bag_eq(
    $$select f.signature from pg_temp.functions as f where f.proowner = 'mcp_sandbox'::regrole$$,
    $$
    select f.signature
    from pg_temp.functions as f
    where f.nspname = 'api'
        and obj_description(f.oid, 'pg_proc') ~ '(^|\n)@tool [^\n]*\msandbox\M'
    union all
    values
    ('mcp_catalog.query_fault(text)'), ('mcp_catalog.query_columns(text,text)'),
    ('mcp_catalog.open_query(text,text)'), ('mcp.export_query_rows(integer,text)')
    $$,
    'mcp_sandbox owns the functions tagged for it, what runs queries, and no other'
);

select bag_eq(
    $$select f.oid::regprocedure::text from pg_temp.functions as f where f.nspname = 'api'$$,
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
    'every function of api is a tool, resource, prompt, completion or skill, and no other is one'
);

select is_empty(
    $$
    select c.relname
    from pg_catalog.pg_class as c
    where c.relnamespace = 'api'::regnamespace
    $$,
    'api holds functions alone'
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
        and (r.rolname, n.nspname) not in (('mcp_core', 'mcp_log'), ('zava_owner', 'retail'))
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
        'mcp_core: api, ext, mcp, mcp_auth, mcp_catalog, mcp_log, mcp_migrate, mcp_tool, retail',
        'mcp_sandbox: ext, mcp_sandbox, mcp_tool, retail',
        'mcp_server: mcp',
        'mcp_tools: ext, mcp_auth, mcp_log, mcp_tool, retail',
        'regional_managers: ',
        'store_managers: ',
        'zava_mcp: mcp',
        'zava_owner: ext, mcp_auth, mcp_log, mcp_tool, retail'
    ],
    'who may use which schema: the sandbox none of api, mcp and mcp_auth, the login mcp alone'
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
        'mcp_core nologin inherit',
        'mcp_sandbox nologin inherit',
        'mcp_server nologin inherit',
        'mcp_tools nologin inherit',
        'regional_managers nologin inherit',
        'store_managers nologin inherit',
        'zava_mcp login inherit',
        'zava_owner nologin inherit'
    ],
    'the roles and their attributes: no power at all, and one login'
);

select results_eq(
    $$
    select
        format('%s: %s', r.rolname, m.roleid::regrole) collate "default" as line
    from pg_catalog.pg_auth_members as m
    inner join pg_temp.roles as r on m.member = r.oid
    order by line
    $$,
    array['zava_mcp: mcp_server', 'zava_owner: mcp_tools'],
    'the login is a member of mcp_server alone, zava_owner calls the helpers of mcp_tools'
);

select bag_eq(
    $$select a.audience from mcp_auth.audiences as a$$,
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
    inner join pg_temp.roles as r on r.rolname in (select a.audience from mcp_auth.audiences as a)
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
    where s.nspname in ('mcp', 'mcp_auth', 'mcp_catalog', 'mcp_log')
        and c.relkind in ('r', 'p', 'v')
        and r.rolname <> 'mcp_core'
        and has_any_column_privilege(r.oid, c.oid, 'select, insert, update, references')
    $$,
    array['mcp_auth.users zava_owner'],
    'nobody but mcp_core reads mcp_auth, mcp_catalog or mcp_log; zava_owner''s foreign key looks '
    'up the ids of users'
);

select results_eq(
    $$
    select a.attname::text collate "default"
    from pg_catalog.pg_attribute as a
    where a.attrelid = 'mcp_auth.users'::regclass
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
        'mcp_tool.nearest_table(text)',
        'mcp_tool.run_query(mcp_tool.query_text,mcp_tool.row_limit,text)',
        'mcp_tool.take_query(text,text)',
        'retail.get_current_user_store()',
        'retail.get_user_store_list()',
        'retail.period_bounds(retail.time_period,date)'
    ],
    'the sandbox executes its own statement, what policies call, masks, the bounds of a period, '
    'and nothing else of ours'
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

select finish();
rollback;
