create or replace function mcp_migrate.forbidden()
returns table (kind text, object text, class text, is_public boolean, acl aclitem [])
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
-- of extensions, what is where one of our roles can reach it
with extension_member as materialized (
    select
        d.classid,
        d.objid
    from pg_depend as d
    left join pg_proc as p on d.classid = 'pg_proc'::regclass and p.oid = d.objid
    left join pg_class as c on d.classid = 'pg_class'::regclass and c.oid = d.objid
    inner join pg_namespace as n on n.oid = coalesce(p.pronamespace, c.relnamespace)
    where
        d.deptype = 'e'
        and (
            n.nspname = 'ext'
            or exists (
                select
                from pg_roles as r
                where
                    r.rolname
                    in ('mcp_core', 'mcp_tools', 'mcp_sandbox', 'mcp_server')
                    and has_schema_privilege(r.oid, n.oid, 'usage')
            )
        )
),

-- what an operator, a cast, a type or an index calls, which a query has without naming it
machinery as materialized (
    select o.oprcode::oid as id from pg_operator as o
    union
    select c.castfunc from pg_cast as c where c.castfunc <> 'regclass(text)'::regprocedure
    union
    select p.amproc from pg_amproc as p
    union
    select unnest(array[t.typinput, t.typoutput, t.typsend, t.typmodin, t.typmodout]::oid[])
    from pg_type as t
    union
    -- no type of PostgreSQL's own has them: they are the same before the first enum
    select unnest(array['enum_in', 'enum_out', 'enum_send']::regproc[]::oid[])
),

-- the time of one call grows faster than its arguments, and it does not ask whether to stop:
-- tests/security/runaway.py finds them; of xpath, libxml does not ask
runaway as materialized (
    select p.oid as id
    from pg_proc as p
    where
        p.pronamespace = 'pg_catalog'::regnamespace
        and (
            p.proname = any(array[
                'position', 'strpos', 'replace', 'translate', 'split_part', 'string_to_array',
                'string_to_table', 'array_to_string', 'normalize', 'is_normalized',
                'like', 'notlike', 'textlike', 'textnlike', 'texticlike', 'texticnlike',
                'bpcharlike', 'bpcharnlike', 'bpchariclike', 'bpcharicnlike',
                'bytealike', 'byteanlike', 'arraycontains', 'arraycontained', 'arrayoverlap',
                'jsonb_contains', 'jsonb_contained', 'jsonb_exists_any', 'jsonb_exists_all',
                'path_distance', 'path_inter', 'poly_distance', 'poly_overlap',
                'xpath', 'xpath_exists', 'xmlexists',
                'ts_rank', 'ts_rank_cd', 'tsquery_or', 'tsquery_phrase'
            ])
            or p.proname in ('btrim', 'ltrim', 'rtrim') and p.pronargs = 2
            or p.proname = 'jsonb_delete' and p.proargtypes[1] = 'text[]'::regtype
            or p.proname = 'ts_rewrite' and p.pronargs = 3
        )
        and not 'name'::regtype = any(p.proargtypes::oid[])
),

function as (
    select
        p.oid as id,
        p.oid::regprocedure::text as name,
        p.proname,
        p.provolatile,
        coalesce(p.proacl, acldefault('f', p.proowner)) as acl
    from pg_proc as p
    where
        (
            p.pronamespace = 'pg_catalog'::regnamespace
            or exists (
                select
                from extension_member as m
                where m.classid = 'pg_proc'::regclass and m.objid = p.oid
            )
        )
        and p.prokind in ('f', 'p')
        -- only PostgreSQL itself can call these
        and not 'internal'::regtype = any(p.proargtypes::oid[])
        and p.prorettype <> all(
            array['trigger', 'event_trigger', 'language_handler', 'fdw_handler']::regtype[]
        )
        and (
            p.proname in ('repeat', 'lpad', 'rpad', 'format', 'array_fill', 'pg_partition_root')
            or p.oid in (select r.id from runaway as r)
            or (
                p.provolatile = 'v'
                and p.proname <> all(array[
                    'random', 'random_normal', 'array_sample', 'array_shuffle',
                    'clock_timestamp', 'timeofday', 'gen_random_uuid', 'uuidv4', 'uuidv7',
                    -- Citus adds it to every query of pg_class
                    'relation_is_a_known_shard'
                ])
            )
            or (
                p.provolatile = 's'
                and p.oid not in (select m.id from machinery as m)
                -- they read the clock, the time zone, the text search configuration, or a value
                and p.proname <> all(array[
                    'now', 'statement_timestamp', 'transaction_timestamp', 'timezone', 'age',
                    'extract', 'date_part', 'date_trunc', 'date_add', 'date_subtract',
                    'overlaps', 'make_timestamptz', 'timestamptz', 'generate_series',
                    'to_char', 'to_date', 'to_timestamp', 'to_number',
                    'to_tsvector', 'to_tsquery', 'plainto_tsquery', 'phraseto_tsquery',
                    'websearch_to_tsquery', 'json_to_tsvector', 'jsonb_to_tsvector',
                    'ts_headline', 'enum_first', 'enum_last', 'enum_range',
                    'concat', 'concat_ws', 'quote_literal', 'quote_nullable',
                    'convert', 'convert_from', 'convert_to', 'length',
                    'array_to_string', 'array_to_json', 'row_to_json', 'to_json', 'to_jsonb',
                    'json_build_array', 'json_build_object', 'jsonb_build_array',
                    'jsonb_build_object', 'json_populate_record', 'json_populate_recordset',
                    'jsonb_populate_record', 'jsonb_populate_recordset',
                    'jsonb_populate_record_valid', 'json_to_record', 'json_to_recordset',
                    'jsonb_to_record', 'jsonb_to_recordset', 'jsonb_path_exists_tz',
                    'jsonb_path_match_tz', 'jsonb_path_query_tz', 'jsonb_path_query_array_tz',
                    'jsonb_path_query_first_tz', 'pg_typeof'
                ])
            )
            or 'xid'::regtype = any(p.proargtypes::oid[]) and p.proname = 'age'
        )
),

object as (
    select
        'function' as kind,
        f.name as object,
        -- the first that fits
        case
            when f.id in (select r.id from runaway as r) then 'runaway'
            when f.proname ~ '_to_xml|^ts_(stat|rewrite)$|^(dblink|crosstab|connectby|xpath_table)'
                then 'runs SQL'
            when f.proname ~ 'advisory' then 'locks'
            when f.proname ~ '^(pg_read_|pg_ls_|pg_stat_file|pg_file|lo_|lo(read|write|creat)|be_lo)'
                then 'files'
            when f.proname ~ 'set_config|setting|^pg_config|conf_load|hba_|ident_file|setseed|_limit$'
                then 'settings'
            when f.proname in ('repeat', 'lpad', 'rpad', 'format', 'array_fill') then 'memory'
            when f.proname ~ '^pg_(stat_get|stat_reset|stat_|.*_size|statio|sequence)|tuple|^pg_buffer'
                then 'statistics'
            when f.proname ~ '(backend|snapshot|xact|xid|^inet_|cancel|terminate|notify|listening|cursor)'
                then 'sessions'
            when f.provolatile = 'v' then 'effects'
            else 'catalogue'
        end as class,
        'pg_proc'::regclass as classid,
        f.id,
        f.acl
    from function as f
    union all
    select
        'table',
        format('%s.%I', c.relnamespace::regnamespace, c.relname),
        case when c.relname ~ '^pg_stat' then 'statistics' else 'catalogue' end,
        'pg_class'::regclass,
        c.oid,
        coalesce(c.relacl, acldefault('r', c.relowner))
    from pg_class as c
    where
        c.relkind in ('r', 'v', 'm', 'f', 'p')
        and (
            c.relnamespace = 'pg_catalog'::regnamespace
            or exists (
                select
                from extension_member as m
                where m.classid = 'pg_class'::regclass and m.objid = c.oid
            )
        )
    union all
    select
        'schema',
        n.nspname::text,
        case n.nspname when 'public' then 'effects' else 'catalogue' end,
        'pg_namespace'::regclass,
        n.oid,
        coalesce(n.nspacl, acldefault('n', n.nspowner))
    from pg_namespace as n
    where n.nspname in ('information_schema', 'public')
    union all
    select
        'language',
        quote_ident(l.lanname),
        'effects',
        'pg_language'::regclass,
        l.oid,
        coalesce(l.lanacl, acldefault('l', l.lanowner))
    from pg_language as l
    where l.lanpltrusted
    union all
    select
        'database',
        quote_ident(d.datname),
        'sessions',
        'pg_database'::regclass,
        d.oid,
        coalesce(d.datacl, acldefault('d', d.datdba))
    from pg_database as d
    where d.datname = current_database()
)

select
    o.kind,
    o.object,
    o.class,
    not exists (
        select
        from pg_init_privs as i
        where
            i.classoid = o.classid
            and i.objoid = o.id
            and i.objsubid = 0
            and not exists (select from aclexplode(i.initprivs) as a where a.grantee = 0)
    ) as is_public,
    o.acl
from object as o;
$$;

comment on function mcp_migrate.forbidden() is $comment$
List the objects of PostgreSQL and of extensions that the lock-down forbids.

Functions that are volatile (but for a few harmless ones); stable ones that read more than the clock, the time zone,
the text search configuration or their arguments; those that make a long value from a small argument; those that run
away with long arguments and cannot be stopped, which every role but the sandbox keeps. All relations of pg_catalog and
of extensions, the schemas information_schema and public, the trusted languages, this database. Of extensions, what
lies in a schema that our roles may use. A function of the next PostgreSQL or of a new extension is judged by the same
rule.

@returns kind, object (its name for GRANT), class (runaway, runs SQL, locks, files, settings, memory, statistics, sessions,
effects or catalogue), is_public (whether PostgreSQL or the extension lets PUBLIC use it), acl (who may use it now).
$comment$;

revoke all on function mcp_migrate.forbidden() from public;
