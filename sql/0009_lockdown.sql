-- The lock-down: what PUBLIC may do unasked in this database is taken from it and given back to the
-- roles that need it. For a superuser; docs/lockdown.md says what for, and what a skip exposes.
-- "migrate.py bootstrap" prints what is made here in schema migrate, as pg_temp, for a DBA to run.
create table migrate.given_back (
    role name not null,
    privilege text not null,
    kind text not null,
    object text,
    reason text not null,
    constraint given_back_key unique nulls not distinct (role, privilege, kind, object),
    constraint given_back_kind_check check (kind in ('function', 'table', 'database'))
);
comment on table migrate.given_back is
'What the lock-down takes from PUBLIC and a role needs. migrate.check_lockdown finds what is not '
'listed.';
comment on column migrate.given_back.role is 'Who may use it.';
comment on column migrate.given_back.privilege is 'execute, select or connect.';
comment on column migrate.given_back.kind is 'function, table (or view), or database.';
comment on column migrate.given_back.object is
'Its name as migrate.forbidden() gives it; null is this database.';
comment on column migrate.given_back.reason is 'What for.';

create table migrate.taken (
    statement text not null,
    constraint taken_pkey primary key (statement)
);
comment on table migrate.taken is
'What PUBLIC had and migrate.lock_down() took: what migrate.lift_lockdown() gives back.';
comment on column migrate.taken.statement is 'The GRANT that restores it.';

create function migrate.forbidden()
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
                    in ('zava_owner', 'zava_auth', 'zava_tools', 'zava_sandbox', 'zava_mcp')
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
            or (
                p.provolatile = 'v'
                and p.proname <> all(array[
                    'random', 'random_normal', 'array_sample', 'array_shuffle',
                    'clock_timestamp', 'timeofday', 'gen_random_uuid', 'uuidv4', 'uuidv7'
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
        'catalogue',
        'pg_namespace'::regclass,
        n.oid,
        coalesce(n.nspacl, acldefault('n', n.nspowner))
    from pg_namespace as n
    where n.nspname = 'information_schema'
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
comment on function migrate.forbidden() is $comment$
What nobody may use unasked, of PostgreSQL's own objects and those of extensions.

Functions that are volatile (but for a few harmless ones); stable ones that read more than the clock, the time zone, the
text search configuration or their arguments; those that make a long value from a small argument. All relations of
pg_catalog and of extensions, information_schema, the trusted languages, this database. Of extensions, what lies in a
schema that our roles may use. A function of the next PostgreSQL or of a new extension is judged by the same rule.

@returns kind, object (its name for GRANT), class (runs SQL, locks, files, settings, memory, statistics, sessions,
effects or catalogue), is_public (whether PostgreSQL or the extension lets PUBLIC use it), acl (who may use it now).
$comment$;

create function migrate.access()
returns table (kind text, object text, class text, grantee oid, privilege text)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with forbidden as materialized (
    select f.* from migrate.forbidden() as f
)

select
    f.kind,
    f.object,
    f.class,
    a.grantee,
    lower(a.privilege_type) as privilege
from forbidden as f
cross join aclexplode(f.acl) as a
union all
select
    f.kind,
    f.object,
    f.class,
    a.grantee,
    format('%s (%I)', lower(a.privilege_type), c.attname) as privilege
from forbidden as f
inner join pg_attribute as c on f.kind = 'table' and c.attrelid = to_regclass(f.object)
cross join aclexplode(c.attacl) as a;
$$;
comment on function migrate.access() is $comment$
Who may use what is forbidden, privilege by privilege.

@returns kind, object, class as migrate.forbidden; grantee, 0 is PUBLIC; privilege, as GRANT writes it.
$comment$;

create function migrate.lock_down()
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_grants text[];
    v_taken text[];
    v_statement text;
begin
    select array_agg(format('grant %s on %s %s to %I', g.privilege, g.kind, o.object, g.role) order by g.role, o.object)
    into v_grants
    from migrate.given_back as g
    cross join lateral (select coalesce(g.object, quote_ident(current_database())) as object) as o
    where not exists (
        select
        from migrate.access() as a
        join pg_roles as r on r.oid = a.grantee and r.rolname = g.role
        where a.kind = g.kind and a.object = o.object and a.privilege = g.privilege
    );
    select array_agg(format('%s on %s %s', a.privilege, a.kind, a.object))
    into v_taken
    from migrate.access() as a
    where a.grantee = 0;

    if coalesce(v_grants, v_taken) is not null
        and not (select r.rolsuper from pg_roles as r where r.rolname = current_user) then
        raise insufficient_privilege using
            message = format('this database is not locked down, and %s may not do it', current_user),
            hint = 'Have a superuser run what "migrate.py bootstrap --print" prints, or say --no-lockdown.';
    end if;
    -- the grants first: a revoke fires the event trigger, whose function needs them
    foreach v_statement in array coalesce(v_grants, '{}') loop
        execute v_statement;
    end loop;
    foreach v_statement in array coalesce(v_taken, '{}') loop
        execute format('revoke %s from public', v_statement);
        insert into migrate.taken (statement)
        values (format('grant %s to public', v_statement))
        on conflict do nothing;
    end loop;
    if to_regclass('mcp.settings') is not null then
        execute 'update mcp.settings set value = ''true'' where name = ''lockdown'' and value <> ''true''';
    end if;
    return coalesce(cardinality(v_taken), 0);
end
$$;
comment on function migrate.lock_down() is $comment$
Take from PUBLIC what migrate.forbidden lists, and give to the roles what migrate.given_back lists. Where that is done
already nothing happens, so it may be called again: after a restore, an upgrade or a new extension.

@returns How many privileges PUBLIC lost.
@error 42501 There is something to do, and the present role is no superuser.
$comment$;

create function migrate.lift_lockdown()
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_statement text;
    v_count integer := 0;
begin
    -- a login that may not give it back did not take it either: a DBA did
    if not (select r.rolsuper from pg_roles as r where r.rolname = current_user) then
        return 0;
    end if;
    for v_statement in select t.statement from migrate.taken as t loop
        execute v_statement;
        v_count := v_count + 1;
    end loop;
    delete from migrate.taken;
    for v_statement in
        select format('revoke %s on %s %s from %I', a.privilege, a.kind, a.object, g.role)
        from migrate.given_back as g
        join migrate.access() as a
            on a.grantee = 0
            and a.privilege = g.privilege
            and a.kind = g.kind
            and a.object = coalesce(g.object, quote_ident(current_database()))
    loop
        execute v_statement;
    end loop;
    if to_regclass('mcp.settings') is not null then
        execute 'update mcp.settings set value = ''false'' where name = ''lockdown''';
    end if;
    return v_count;
end
$$;
comment on function migrate.lift_lockdown() is $comment$
Undo migrate.lock_down, as far as it was done here: what a DBA locked with "migrate.py bootstrap" stays locked.

@returns How many privileges PUBLIC got back; 0 too where the present role is no superuser.
$comment$;

insert into migrate.given_back (role, privilege, kind, object, reason)
values ('zava_mcp', 'connect', 'database', null, 'the MCP server connects as it');

insert into migrate.given_back (role, privilege, kind, object, reason)
select
    v.role,
    case when o.object like '%(%' then 'execute' else 'select' end as privilege,
    case when o.object like '%(%' then 'function' else 'table' end as kind,
    o.object,
    v.reason
from (
    values
    (
        'zava_auth', 'the signed context, bound to the process; reads are made read-only',
        array['set_config(text,text,boolean)', 'current_setting(text,boolean)', 'pg_backend_pid()']
    ),
    ('zava_auth', 'which tools an audience has', array['has_function_privilege(name,oid,text)']),
    (
        'zava_auth', 'messages, keys and the text of calls; never a caller''s pattern or length',
        array['format(text,"any")', 'repeat(text,integer)']
    ),
    (
        'zava_auth', 'whether a value fits its type, and why not',
        array['pg_input_is_valid(text,text)', 'pg_input_error_info(text,text)']
    ),
    (
        'zava_auth', 'the call log: its partitions, one writer at a time',
        array['pg_advisory_xact_lock(bigint)', 'pg_catalog.pg_inherits', 'to_regclass(text)']
    ),
    (
        'zava_auth', 'notes that DDL may have changed a tool, and tells the servers',
        array['pg_event_trigger_ddl_commands()', 'pg_notify(text,text)']
    ),
    (
        'zava_auth', 'describes tools by their signatures, types, comments and grants',
        array[
            'pg_catalog.pg_proc', 'pg_catalog.pg_type', 'pg_catalog.pg_attribute',
            'pg_catalog.pg_enum', 'pg_catalog.pg_namespace', 'pg_catalog.pg_depend',
            'pg_catalog.pg_description', 'obj_description(oid,name)',
            'col_description(oid,integer)', 'format_type(oid,integer)',
            'oidvectortypes(oidvector)', 'to_regnamespace(text)',
            'pg_get_function_arg_default(oid,integer)', 'aclexplode(aclitem[])'
        ]
    ),
    (
        'zava_auth', 'whether the server''s login has powers',
        array['pg_catalog.pg_class', 'pg_catalog.pg_roles', 'pg_catalog.pg_auth_members']
    ),
    (
        'zava_tools', 'text that the tool decides; never a caller''s pattern or length',
        array[
            'format(text,"any")', 'repeat(text,integer)', 'lpad(text,integer,text)',
            'rpad(text,integer,text)'
        ]
    ),
    (
        'zava_tools', 'describes the tables that the sandbox may read',
        array[
            'pg_catalog.pg_class', 'pg_catalog.pg_namespace', 'pg_catalog.pg_attribute',
            'pg_catalog.pg_constraint', 'pg_catalog.pg_enum', 'pg_catalog.pg_description',
            'obj_description(oid,name)', 'col_description(oid,integer)', 'format_type(oid,integer)',
            'has_table_privilege(name,oid,text)', 'has_column_privilege(name,oid,smallint,text)'
        ]
    ),
    ('zava_owner', 'sets one measured setting', array['set_config(text,text,boolean)']),
    (
        'zava_owner', 'text that the function decides; statements of maintenance',
        array['format(text,"any")', 'lpad(text,integer,text)']
    )
) as v (role, reason, objects)
cross join unnest(v.objects) as o (object);

-- what the sandbox finds before pg_catalog
create schema sandbox;
comment on schema sandbox is
'Stand-ins for built-ins that can fill the memory: what SQL of a client finds in their place.';
grant usage on schema sandbox to zava_sandbox;

insert into mcp.settings (name, value, description)
values (
    'lockdown', to_jsonb(current_setting('migrate.lockdown', true) is distinct from 'off'),
    'Whether PostgreSQL''s own functions and catalogues are locked; false after --no-lockdown.'
);
do $$
begin
    perform migrate.lock_down()
    from mcp.settings as s
    where s.name = 'lockdown' and s.value = 'true';
end
$$;

-- more limits of the server's login; where this login may not set them, bootstrap has
do $$
begin
    execute format('alter role zava_mcp in database %I set work_mem = ''4MB''', current_database());
    -- over statement_timeout, since it ends the connection: for a client that forgets to commit
    execute format('alter role zava_mcp in database %I set transaction_timeout = ''90s''', current_database());
    -- of the whole cluster: a DBA can still connect when servers take all they get
    if (select r.rolconnlimit from pg_catalog.pg_roles as r where r.rolname = 'zava_mcp') = -1 then
        execute format(
            'alter role zava_mcp connection limit %s',
            greatest(current_setting('max_connections')::integer * 4 / 5, 1)
        );
    end if;
    -- last, since it needs a superuser
    execute format('alter role zava_mcp in database %I set temp_file_limit = ''1GB''', current_database());
exception
    when insufficient_privilege then
        null;
end
$$;
