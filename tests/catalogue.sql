-- All that a database holds but for its data and its roles, as rows (kind, identity, definition).
-- What initdb made is told by its grants alone, what an extension made by the extension alone.
-- An access list that was never touched counts as the default that it stands for.
with member as materialized (
    select classid, objid from pg_depend where deptype = 'e'
),
schema as materialized (
    select oid, nspname as name, nspowner as owner, nspacl as acl
    from pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema'
),
relation as materialized (
    select c.*
    from pg_class as c
    join schema as s on s.oid = c.relnamespace
    where ('pg_class'::regclass, c.oid) not in (select classid, objid from member)
    -- yoyo makes its own tables at the first apply and keeps them
    and not (s.name = 'mcp_migrate' and c.relname ~ 'yoyo')
),
acl (classid, objid, owner, default_acl, acl) as (
    select 'pg_namespace'::regclass, s.oid, s.owner, acldefault('n', s.owner), s.acl from schema as s
    union all
    select
        'pg_class'::regclass, oid, relowner,
        acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner), relacl
    from pg_class
    union all
    select 'pg_proc'::regclass, oid, proowner, acldefault('f', proowner), proacl from pg_proc
    union all
    select 'pg_type'::regclass, oid, typowner, acldefault('T', typowner), typacl from pg_type
    union all
    select 'pg_language'::regclass, oid, lanowner, acldefault('l', lanowner), lanacl from pg_language
    union all
    select 'pg_database'::regclass, oid, datdba, acldefault('d', datdba), datacl
    from pg_database
    where datname = current_database()
),
granted as materialized (
    select
        classid, objid, pg_get_userbyid(owner) as owner,
        (select string_agg(a::text, ' ' order by a::text) from unnest(default_acl) as a) as by_default,
        (select string_agg(a::text, ' ' order by a::text) from unnest(coalesce(acl, default_acl)) as a)
        as access
    from acl
),
entry (kind, identity, classid, objid, definition) as (
    select 'schema', s.name::text, 'pg_namespace'::regclass, s.oid, '{}'::text[]
    from schema as s
    union all
    select
        'relation', c.oid::regclass::text, 'pg_class', c.oid,
        array[
            c.relkind::text, c.relpersistence::text, 'row security ' || c.relrowsecurity,
            'forced ' || c.relforcerowsecurity, c.relreplident::text, c.reloptions::text,
            case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
            (select to_jsonb(q) - 'seqrelid' from pg_sequence as q where q.seqrelid = c.oid)::text
        ]
    from relation as c
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select
        'column', format('%s.%I', c.oid::regclass, a.attname), 'pg_attribute', null,
        array[
            (row_number() over (partition by c.oid order by a.attnum))::text,
            format_type(a.atttypid, a.atttypmod), 'not null ' || a.attnotnull,
            pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text,
            a.attcollation::regcollation::text, a.attstorage::text, a.attcompression::text,
            a.attstattarget::text, a.attoptions::text,
            (select string_agg(g::text, ' ' order by g::text) from unnest(a.attacl) as g),
            col_description(c.oid, a.attnum)
        ]
    from relation as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
    union all
    select
        'constraint',
        format('%I on %s', t.conname, coalesce(c.oid::regclass::text, t.contypid::regtype::text)),
        'pg_constraint', t.oid,
        array[pg_get_constraintdef(t.oid), 'valid ' || t.convalidated, 'enforced ' || t.conenforced]
    from pg_constraint as t
    left join relation as c on c.oid = t.conrelid
    where c.oid is not null
    or (t.conrelid = 0 and t.connamespace in (select s.oid from schema as s))
    union all
    select
        'index', i.indexrelid::regclass::text, 'pg_class', i.indexrelid,
        array[
            pg_get_indexdef(i.indexrelid), 'valid ' || i.indisvalid, 'ready ' || i.indisready,
            'clustered ' || i.indisclustered, 'identity ' || i.indisreplident
        ]
    from pg_index as i
    join relation as c on c.oid = i.indrelid
    union all
    select
        'routine', p.oid::regprocedure::text, 'pg_proc', p.oid,
        array[case p.prokind when 'a' then p.proname else pg_get_functiondef(p.oid) end]
    from pg_proc as p
    join schema as s on s.oid = p.pronamespace
    union all
    select
        'type', t.oid::regtype::text, 'pg_type', t.oid,
        array[
            t.typtype::text, format_type(nullif(t.typbasetype, 0), t.typtypmod),
            'not null ' || t.typnotnull, t.typdefault, t.typcollation::regcollation::text,
            (
                select string_agg(e.enumlabel, ', ' order by e.enumsortorder)
                from pg_enum as e
                where e.enumtypid = t.oid
            )
        ]
    from pg_type as t
    join schema as s on s.oid = t.typnamespace
    -- a table's row type and an array type go with what they belong to
    left join pg_class as c on c.oid = t.typrelid
    where t.typcategory <> 'A' and (c.oid is null or c.relkind = 'c')
    union all
    select
        'policy', format('%I on %s', p.polname, p.polrelid::regclass), 'pg_policy', p.oid,
        array[
            p.polcmd::text, 'permissive ' || p.polpermissive,
            (
                select string_agg(r.role::regrole::text, ', ' order by r.role::regrole::text)
                from unnest(p.polroles) as r (role)
            ),
            pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
        ]
    from pg_policy as p
    union all
    select
        'trigger', format('%I on %s', t.tgname, t.tgrelid::regclass), 'pg_trigger', t.oid,
        array[pg_get_triggerdef(t.oid), t.tgenabled::text]
    from pg_trigger as t
    where not t.tgisinternal
    union all
    select
        'rule', format('%I on %s', r.rulename, r.ev_class::regclass), 'pg_rewrite', r.oid,
        array[pg_get_ruledef(r.oid), r.ev_enabled::text]
    from pg_rewrite as r
    join relation as c on c.oid = r.ev_class
    where r.rulename <> '_RETURN'
    union all
    select
        'event trigger', e.evtname::text, 'pg_event_trigger', e.oid,
        array[
            e.evtevent::text, e.evttags::text, e.evtfoid::regprocedure::text, e.evtenabled::text,
            pg_get_userbyid(e.evtowner)
        ]
    from pg_event_trigger as e
    union all
    select
        'extension', e.extname::text, 'pg_extension', e.oid,
        array[e.extversion, e.extnamespace::regnamespace::text, pg_get_userbyid(e.extowner)]
    from pg_extension as e
    union all
    select
        'default privileges',
        format('%s %s %s', d.defaclrole::regrole, d.defaclnamespace::regnamespace, d.defaclobjtype),
        'pg_default_acl', d.oid,
        array[(select string_agg(a::text, ' ' order by a::text) from unnest(d.defaclacl) as a)]
    from pg_default_acl as d
    union all
    select
        'setting of a role here', s.setrole::regrole::text, 'pg_db_role_setting', null,
        array[(select string_agg(c, ' ' order by c) from unnest(s.setconfig) as c)]
    from pg_db_role_setting as s
    where s.setdatabase = (select d.oid from pg_database as d where d.datname = current_database())
)

select
    e.kind,
    e.identity,
    concat_ws(
        E'\n', array_to_string(e.definition, E'\n', '-'),
        'owner ' || g.owner, 'access ' || g.access,
        'comment ' || (
            select d.description
            from pg_description as d
            where d.classoid = e.classid and d.objoid = e.objid and d.objsubid = 0
        )
    ) as definition
from entry as e
left join granted as g on g.classid = e.classid and g.objid = e.objid
where (e.classid, e.objid) is null
or not exists (select from member as m where m.classid = e.classid and m.objid = e.objid)
union all
-- what somebody granted or revoked on the server's own objects
select
    'access to ' || i.type,
    case g.classid when 'pg_database'::regclass then 'itself' else i.identity end,
    g.access
from granted as g
cross join lateral pg_identify_object(g.classid, g.objid, 0) as i
where g.objid < 16384 and g.access <> g.by_default
or g.classid = 'pg_database'::regclass
union all
select
    'access to column',
    format('%s.%I', a.attrelid::regclass, a.attname),
    (select string_agg(g::text, ' ' order by g::text) from unnest(a.attacl) as g)
from pg_attribute as a
where a.attrelid < 16384 and a.attacl is not null
union all
-- every other kind of object there is: operators, casts, publications, statistics and so on
select distinct
    'object',
    format('%s %s', i.type, i.identity),
    ''
from pg_depend as d
cross join lateral pg_identify_object(d.classid, d.objid, 0) as i
where d.objid >= 16384
and d.classid not in (
    'pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_constraint'::regclass,
    'pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass,
    'pg_policy'::regclass, 'pg_default_acl'::regclass, 'pg_event_trigger'::regclass,
    'pg_extension'::regclass, 'pg_amop'::regclass, 'pg_amproc'::regclass
)
and not exists (select from member as m where m.classid = d.classid and m.objid = d.objid)
order by 1, 2
