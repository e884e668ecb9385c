-- Zava Retail: its roles, its schemas and extensions, and what it asks of the core.
-- depends: core/0006
select mcp_auth.add_server_login('zava_mcp');
select mcp_auth.add_audience(
    'store_managers',
    'Managers of one store: see that store, and the names and contact data of its customers.'
);
select mcp_auth.add_audience(
    'regional_managers',
    'Managers of a region: see its stores side by side, no customer by name.'
);
select mcp_auth.add_audience(
    'head_office',
    'Head office of the chain: sees every store, cost and margin, no customer by name.'
);

do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'zava_owner') then
        create role zava_owner nologin;
    end if;
    -- an ordinary migration login transfers objects to it, so it must be able to become it
    if not pg_catalog.pg_has_role(current_user, 'zava_owner', 'set') then
        execute format('grant zava_owner to %I with set true, inherit true', current_user);
    end if;
    -- its functions call the helpers of schema mcp_tool
    if not pg_catalog.pg_has_role('zava_owner', 'mcp_tools', 'usage') then
        grant mcp_tools to zava_owner with inherit true, set false;
    end if;
end
$$;

update mcp_catalog.settings
set
    value = to_jsonb(
        'Zava Retail Analytics: sales, stock, customers and products of a DIY chain. '
        'You see only the stores of the caller. Prefer a tool made for the question; for '
        'anything else call get_multiple_table_schemas first, then execute_sales_query with one '
        'SELECT that names schema retail, joins on store_id too, aggregates in SQL and limits its '
        'rows. Amounts are US dollars. Show people names, not ids.'::text
    )
where name = 'instructions';

insert into mcp_catalog.settings (name, value, description)
values ('tenant_key', '"store_id"', 'The column that comes first in every key of a tenant table.');

create schema api;
comment on schema api is 'The tools. A function here is what an MCP client may call.';
select mcp_catalog.expose_schema('api');

create schema retail;
comment on schema retail is
'Zava Retail: the tables, their row-level security, and the functions that policies and tools '
'share.';
grant usage on schema retail to zava_owner, mcp_core, mcp_tools, mcp_sandbox;
-- the hourly upkeep builds the vector index again as the owner of its table
grant create on schema retail to zava_owner;

-- extensions stay where a DBA put them; those that are missing come into a schema of their own
do $$
declare
    c_extensions constant name[] := array['vector', 'pg_trgm'];
    v_extension name;
    v_schema name;
begin
    foreach v_extension in array c_extensions loop
        if not exists (select from pg_catalog.pg_extension where extname = v_extension) then
            if to_regnamespace('ext') is null then
                create schema ext;
                comment on schema ext is 'Extensions, and nothing else.';
            end if;
            execute format('create extension %I schema ext', v_extension);
        end if;
    end loop;
    for v_schema in
        select distinct n.nspname
        from pg_catalog.pg_extension as e
        inner join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
        where e.extname = any(c_extensions)
            -- bootstrap has granted what belongs to somebody else
            and (
                pg_catalog.pg_has_role(n.nspowner, 'usage')
                or not pg_catalog.has_schema_privilege('mcp_sandbox', n.oid, 'usage')
            )
    loop
        execute format(
            'grant usage on schema %I to zava_owner, mcp_core, mcp_tools, mcp_sandbox', v_schema
        );
    end loop;
    -- the lock-down closes public, where an extension may be
    insert into mcp_migrate.lockdown_grants (role, privilege, kind, object, reason)
    select
        r.role,
        'usage',
        'schema',
        'public',
        'the extensions of Zava are there'
    from unnest(array['zava_owner', 'mcp_core', 'mcp_tools', 'mcp_sandbox']) as r (role)
    where exists (
        select from pg_catalog.pg_extension as e
        where e.extname = any(c_extensions) and e.extnamespace = 'public'::regnamespace
    );
end
$$;

insert into mcp_migrate.lockdown_grants (role, privilege, kind, object, reason)
select
    v.role,
    case when o.object like '%(%' then 'execute' else 'select' end as privilege,
    case when o.object like '%(%' then 'function' else 'table' end as kind,
    o.object,
    v.reason
from (
    values
    ('zava_owner', 'sets one measured setting', array['set_config(text,text,boolean)']),
    ('zava_owner', 'never less memory than is set', array['current_setting(text)']),
    (
        'zava_owner', 'text that the function decides; statements of maintenance',
        array['format(text,"any")']
    )
) as v (role, reason, objects)
cross join unnest(v.objects) as o (object);
