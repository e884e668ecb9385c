-- What is there, for zava-mcp doctor and as the first look of apply. Reads the catalogues alone.
-- $1: schemas that would be created; $2: the core's roles; $3: the project's roles and audiences;
-- $4: the extensions that the project needs; $5: the login of its server.
with me as (
    select
        r.*,
        d.datdba = r.oid or pg_has_role(r.oid, d.datdba, 'usage') as owns_database,
        has_database_privilege(r.oid, d.oid, 'create') as may_create
    from pg_roles as r
    inner join pg_database as d on d.datname = current_database()
    where r.rolname = current_user
),

wanted as (
    select
        w.name,
        w.is_core
    from (
        select
            unnest($2::text[]) as name,
            true as is_core
        union all
        select
            unnest($3::text[]),
            false
    ) as w
),

-- who has something here, or is here now
present as (
    select distinct r.rolname
    from pg_roles as r
    where
        r.rolcanlogin
        and not r.rolsuper
        and r.rolname <> current_user
        and not exists (
            select
            from pg_auth_members as m
            inner join pg_roles as s on m.roleid = s.oid and s.rolname = 'mcp_server'
            where r.oid = m.member
        )
        and (
            exists (
                select
                from pg_shdepend as s
                inner join pg_database as d on s.dbid = d.oid and d.datname = current_database()
                where s.refclassid = 'pg_authid'::regclass and r.oid = s.refobjid
            )
            or exists (
                select
                from pg_stat_activity as a
                where a.datname = current_database() and a.usename = r.rolname
            )
        )
)

select
    jsonb_build_object(
        'version', current_setting('server_version'),
        'database', current_database(),
        'encoding', (
            select pg_encoding_to_char(d.encoding)
            from pg_database as d
            where d.datname = current_database()
        ),
        'is_replica', pg_is_in_recovery(),
        'is_read_only', current_setting('default_transaction_read_only')::boolean,
        'extensions', (
            select
                coalesce(
                    jsonb_object_agg(e.extname, n.nspname order by e.extname), '{}'
                )
            from pg_extension as e
            inner join pg_namespace as n on e.extnamespace = n.oid
            where e.extname <> 'plpgsql'
        ),
        'missing_extensions', (
            select
                coalesce(
                    jsonb_object_agg(
                        w.name,
                        exists (select from pg_available_extensions as a where a.name = w.name)
                    ),
                    '{}'
                )
            from unnest($4::text[]) as w (name)
            where not exists (select from pg_extension as e where e.extname = w.name)
        ),
        'schemas', (
            select coalesce(jsonb_object_agg(n.nspname, n.nspowner::regrole::text), '{}')
            from pg_namespace as n
            where n.nspname = any($1::text[])
        ),
        'has_ledger', to_regclass('mcp_migrate.version') is not null,
        'is_our_ledger', exists (
            select
            from pg_attribute as a
            where a.attrelid = to_regclass('mcp_migrate.version') and a.attname = 'sha256'
        ),
        'has_core', to_regprocedure('mcp_migrate.lock_down()') is not null,
        'roles', (
            select
                coalesce(
                    jsonb_agg(
                        jsonb_build_object(
                            'name', w.name,
                            'is_core', w.is_core,
                            'exists', r.oid is not null,
                            'may_set', r.oid is not null and pg_has_role(r.oid, 'set'),
                            'powers', to_jsonb(
                                array_remove(
                                    array[
                                        case when r.rolsuper then 'superuser' end,
                                        case when r.rolbypassrls then 'bypassrls' end,
                                        case when r.rolcreaterole then 'createrole' end,
                                        case when r.rolcreatedb then 'createdb' end,
                                        case when r.rolreplication then 'replication' end,
                                        -- nodes of a cluster log in with each other as it
                                        case
                                            when
                                                r.rolcanlogin
                                                and not exists (
                                                    select
                                                    from pg_extension as e
                                                    where e.extname = 'citus'
                                                )
                                                then 'login'
                                        end
                                    ],
                                    null
                                )
                            )
                        )
                        order by not w.is_core, w.name
                    ),
                    '[]'
                )
            from wanted as w
            left join pg_roles as r on w.name = r.rolname
        ),
        'login', (
            select
                jsonb_build_object(
                    'name', m.rolname,
                    'is_superuser', m.rolsuper,
                    'may_create_roles', m.rolcreaterole or m.rolsuper,
                    'may_create_databases', m.rolcreatedb or m.rolsuper,
                    'bypasses_row_security', m.rolbypassrls or m.rolsuper,
                    'owns_database', m.owns_database or m.rolsuper,
                    'may_create_schemas', m.may_create
                )
            from me as m
        ),
        'server_may_connect', (
            -- a login that is still to come has what PUBLIC has
            select
                coalesce(
                    has_database_privilege(r.oid, current_database(), 'connect'),
                    has_database_privilege('public', current_database(), 'connect')
                )
            from (values ($5::text)) as s (name)
            left join pg_roles as r on s.name = r.rolname
        ),
        'server_exists', exists (select from pg_roles as r where r.rolname = $5),
        'logins', (select coalesce(jsonb_agg(p.rolname order by p.rolname), '[]') from present as p)
    ) as facts
