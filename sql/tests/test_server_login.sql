-- The login of the MCP server, zava_mcp: what it may execute, what it is refused, what bounds it.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(9);

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
    'zava_mcp executes the entry points and nothing else'
);

select results_eq(
    $$
    select f.signature
    from pg_temp.functions as f
    where
        f.nspname in ('mcp', 'mcp_catalog', 'mcp_log')
        and has_function_privilege('mcp_tools', f.oid, 'execute')
    order by f.signature
    $$,
    array[
        'mcp_catalog.mask_email(text)', 'mcp_catalog.mask_hash(text)',
        'mcp_catalog.mask_last4(text)', 'mcp_catalog.masked_table(oid)',
        'mcp_catalog.terms_of(oid)', 'mcp_log.call_rate(interval)',
        'mcp_log.performance_summary(interval)', 'mcp_log.slow_calls(interval,integer)',
        'mcp_log.unmet(interval,integer)'
    ],
    'mcp_tools executes what tools of head office give, and what views of masked columns call'
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
    ('select from mcp_auth.api_keys', 'permission denied for schema mcp_auth'),
    ('select from mcp_catalog.tools', 'permission denied for schema mcp_catalog'),
    ('select mcp_catalog.refresh_catalog()', 'permission denied for schema mcp_catalog'),
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
        'row_security=on',
        'statement_timeout=60s',
        'temp_file_limit=1GB',
        'transaction_timeout=90s',
        'work_mem=4MB'
    ],
    'no session of zava_mcp runs, waits, idles, sorts or spills without a limit'
);

select finish();
rollback;
