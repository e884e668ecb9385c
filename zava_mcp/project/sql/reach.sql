-- What functions, procedures, tables and views reach, each, and with whose rights: from the catalogue
-- for views, from its text for a routine. One row for each of kinds and oids, in their order. The query of mcp_migrate.bypasses stands in place of BYPASSES.
with recursive bypasses (kind, id, object, guarded, reason) as materialized (
    BYPASSES
),

code as materialized (
    select
        p.oid,
        p.proname,
        n.nspname,
        p.prosecdef,
        l.lanname in ('sql', 'plpgsql') as is_readable,
        lower(replace(regexp_replace(
            coalesce(pg_get_function_sqlbody(p.oid), p.prosrc),
            '--[^\n]*|/\*.*?\*/|''([^'']|'''')*''', ' ', 'g'
        ), '"', '')) as body,
        -- the schemas in which it finds a name that has none
        array['public', n.nspname::text] || coalesce((
            select string_to_array(replace(replace(substr(c.entry, 13), ' ', ''), '"', ''), ',')
            from unnest(p.proconfig) as c (entry)
            where c.entry like 'search\_path=%%'
        ), '{}') as path
    from pg_catalog.pg_proc as p
    inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
    inner join pg_catalog.pg_language as l on p.prolang = l.oid
    where
        n.nspname !~ '^(pg_|information_schema$|mcp($|_)|tests$)'
        and p.prokind in ('f', 'p')
        and not exists (
            select
            from pg_catalog.pg_depend as d
            where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
        )
),

relations as materialized (
    select
        c.oid,
        c.relkind,
        n.nspname,
        c.relrowsecurity,
        lower(c.relname) as name,
        regexp_replace(lower(c.relname), '\W', '.', 'g') as pattern,
        regexp_replace(lower(n.nspname), '\W', '.', 'g') as schema_pattern,
        coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on'], false)
            as is_invoker
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
    where
        c.relkind in ('r', 'p', 'v', 'm', 'f')
        and n.nspname !~ '^(pg_|information_schema$|mcp($|_)|tests$)'
),

-- what the text of a routine reads and writes
mentions as materialized (
    select
        c.oid as routine,
        r.oid as relation,
        array_remove(array[
            'select',
            case when c.body ~ ('\minto\s+' || n.name) and c.body ~ '\m(insert|merge)\M' then 'insert' end,
            case
                when
                    c.body ~ ('\mupdate\s+(only\s+)?' || n.name)
                    or c.body ~ ('\minto\s+' || n.name || '.*\mdo\s+update\M')
                    or c.body ~ ('\mmerge\s+into\s+' || n.name)
                    or c.body ~ '\mfor\s+(no\s+key\s+)?(update|share)\M'
                    then 'update'
            end,
            case
                when
                    c.body ~ ('\mdelete\s+from\s+(only\s+)?' || n.name)
                    or c.body ~ ('\mmerge\s+into\s+' || n.name || '.*\mdelete\M')
                    then 'delete'
            end,
            case when c.body ~ ('\mtruncate\s+(table\s+)?(only\s+)?' || n.name) then 'truncate' end
        ], null) as privileges
    from code as c
    inner join relations as r on strpos(c.body, r.name) > 0
    cross join
        lateral (
            select
                format(
                    '%%s%%s\M',
                    case
                        when r.nspname = any(c.path) then '(' || r.schema_pattern || '\.)?'
                        else r.schema_pattern || '\.'
                    end,
                    r.pattern
                ) as name
        ) as n
    where
        c.is_readable
        and c.body ~ (
            '\minto\s+' || n.name || '|(\m(from|join|update|only|table|using|lock|truncate)\M|,)\s*\(*\s*'
            || n.name || '(?!\s*[(.])'
        )
),

edges as materialized (
    select
        'r' as from_kind,
        m.routine as from_id,
        't' as to_kind,
        m.relation as to_id,
        m.privileges,
        true as keeps_rights
    from mentions as m
    union all
    select
        'r',
        c.oid,
        'r',
        o.oid,
        array['execute'],
        true
    from code as c
    inner join code as o
        on
            c.oid <> o.oid
            and strpos(c.body, lower(o.proname)) > 0
            and c.body ~ ('\m' || regexp_replace(lower(o.proname), '\W', '.', 'g') || '\s*\(')
    union all
    select distinct
        't',
        r.oid,
        't',
        d.refobjid,
        array['select'],
        r.is_invoker
    from relations as r
    inner join pg_catalog.pg_rewrite as w on r.oid = w.ev_class and w.rulename = '_RETURN'
    inner join pg_catalog.pg_depend as d
        on
            w.oid = d.objid
            and d.classid = 'pg_catalog.pg_rewrite'::regclass
            and d.refclassid = 'pg_catalog.pg_class'::regclass
            and d.refobjid <> r.oid
    where r.relkind in ('v', 'm')
    union all
    -- a trigger runs with the rights of the writer
    select distinct
        't',
        t.tgrelid,
        'r',
        t.tgfoid,
        array['trigger'],
        true
    from pg_catalog.pg_trigger as t
    where not t.tgisinternal
),

starts as (
    select
        u.number as start,
        u.kind,
        u.id
    from unnest(%(kinds)s::text[], %(oids)s::oid[]) with ordinality as u (kind, id, number)
),

reached as (
    select
        s.start,
        s.kind,
        s.id,
        array['start'] as privileges,
        true as is_caller
    from starts as s
    union
    select
        r.start,
        e.to_kind,
        e.to_id,
        e.privileges,
        r.is_caller and e.keeps_rights and not coalesce(c.prosecdef, false)
    from reached as r
    inner join edges as e on r.kind = e.from_kind and r.id = e.from_id
    left join pg_catalog.pg_proc as c on r.kind = 'r' and r.id = c.oid
    where e.privileges <> array['trigger'] or r.privileges && array['insert', 'update', 'delete']
),

wanted as (
    select
        r.start,
        r.kind,
        r.id,
        array_agg(distinct p.privilege order by p.privilege) as privileges
    from reached as r
    cross join unnest(r.privileges) as p (privilege)
    where r.is_caller
    group by 1, 2, 3
),

parts (start, field, value) as (
    select
        w.start,
        'relations',
        jsonb_agg(jsonb_build_object(
            'identity', w.id::regclass::text,
            'schema', c.relnamespace::regnamespace::text,
            'privileges', array_remove(array_replace(w.privileges, 'start', 'select'), 'trigger')
        ) order by w.id::regclass::text)
    from wanted as w
    inner join pg_catalog.pg_class as c on w.id = c.oid
    where w.kind = 't'
    group by 1
    union all
    select
        w.start,
        'routines',
        jsonb_agg(jsonb_build_object(
            'identity', p.oid::regprocedure::text,
            'schema', p.pronamespace::regnamespace::text,
            'kind', case p.prokind when 'p' then 'procedure' else 'function' end
        ) order by p.oid::regprocedure::text)
    from wanted as w
    inner join pg_catalog.pg_proc as p on w.id = p.oid
    where
        w.kind = 'r'
        and w.privileges <> array['trigger']
        -- most may be executed by PUBLIC: then nothing needs to be granted
        and not exists (
            select
            from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
            where a.grantee = 0
        )
    group by 1
    union all
    select
        w.start,
        'schemas',
        jsonb_agg(distinct quote_ident(n.nspname) order by quote_ident(n.nspname))
    from wanted as w
    left join pg_catalog.pg_class as c on w.kind = 't' and w.id = c.oid
    left join pg_catalog.pg_proc as p on w.kind = 'r' and w.id = p.oid
    inner join pg_catalog.pg_namespace as n on coalesce(c.relnamespace, p.pronamespace) = n.oid
    group by 1
    union all
    select
        w.start,
        'sequences',
        jsonb_agg(distinct s.oid::regclass::text)
    from wanted as w
    inner join pg_catalog.pg_depend as d
        on d.refclassid = 'pg_catalog.pg_class'::regclass and w.id = d.refobjid and d.deptype = 'a'
    inner join pg_catalog.pg_class as s on d.objid = s.oid and s.relkind = 'S'
    where w.kind = 't' and 'insert' = any(w.privileges)
    group by 1
    union all
    select
        r.start,
        'open_tables',
        jsonb_agg(distinct jsonb_build_object(
            'shown', c.oid::regclass::text,
            'schema', c.relnamespace::regnamespace::text,
            'name', c.relname,
            'as_caller', r.is_caller
        ))
    from reached as r
    inner join pg_catalog.pg_class as c on r.id = c.oid
    where r.kind = 't' and c.relkind in ('r', 'p') and not c.relrowsecurity
    group by 1
    union all
    -- row-level security that lets mcp_tools see nothing: no policy is for it
    select
        r.start,
        'closed_tables',
        jsonb_agg(distinct jsonb_build_object(
            'shown', c.oid::regclass::text,
            'schema', c.relnamespace::regnamespace::text,
            'name', c.relname
        ))
    from reached as r
    inner join pg_catalog.pg_class as c on r.id = c.oid
    where
        r.kind = 't'
        and r.is_caller
        and c.relkind in ('r', 'p')
        and c.relrowsecurity
        and not exists (
            select
            from pg_catalog.pg_policy as p
            where
                p.polrelid = c.oid
                and p.polpermissive
                and p.polcmd in ('r', '*')
                and (0 = any(p.polroles) or to_regrole('mcp_tools') = any(p.polroles))
        )
    group by 1
    union all
    select
        r.start,
        'masked_tables',
        jsonb_agg(distinct c.oid::regclass::text)
    from reached as r
    inner join edges as e on r.kind = e.from_kind and r.id = e.from_id and e.to_kind = 't'
    inner join pg_catalog.pg_class as c on e.to_id = c.oid
    left join pg_catalog.pg_class as v on e.from_kind = 't' and e.from_id = v.oid
    where
        exists (
            select
            from pg_catalog.pg_attribute as a
            where
                a.attrelid = c.oid
                and not a.attisdropped
                and col_description(a.attrelid, a.attnum) ~ '(^|\n)@mask\M'
        )
        -- the view of mcp_migrate.mask_table is made for this
        and not coalesce(
            v.relowner = to_regrole('mcp_tools')
            and obj_description(v.oid, 'pg_class') ~ '(^|\n)Masked: ',
            false
        )
    group by 1
    union all
    select distinct
        r.start,
        'is_unknown',
        to_jsonb(true)
    from reached as r
    inner join code as c on r.id = c.oid
    where r.kind = 'r' and (not c.is_readable or c.body ~ '\mexecute\M')
    union all
    select
        r.start,
        'bypasses',
        jsonb_agg(distinct format('%%s: %%s', b.object, b.reason))
    from reached as r
    inner join starts as s on r.start = s.start
    inner join bypasses as b on r.id = b.id and (b.kind = 'function') = (r.kind = 'r')
    where not (r.id = s.id and r.kind = s.kind)
    group by 1
)

select
    jsonb_build_object(
        'relations', '[]'::jsonb,
        'routines', '[]'::jsonb,
        'schemas', '[]'::jsonb,
        'sequences', '[]'::jsonb,
        'open_tables', '[]'::jsonb,
        'closed_tables', '[]'::jsonb,
        'masked_tables', '[]'::jsonb,
        'bypasses', '[]'::jsonb,
        'is_unknown', false
    ) || coalesce(jsonb_object_agg(p.field, p.value) filter (where p.field is not null), '{}')
from starts as s
left join parts as p on s.start = p.start
group by s.start
order by s.start
