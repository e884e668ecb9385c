-- One table or view, as expose writes it: columns, the key that its pages go by, and the columns that
-- an index finds rows by. A view has the indexes of the tables it reads, by the names of columns.
with relation as (
    select
        c.*,
        n.nspname
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
    where c.oid = %(oid)s
),

-- a tool reads tables as they are: what a comment masks is left out
masked as (
    select
        a.attnum,
        a.attname::text as name
    from relation as r
    inner join pg_catalog.pg_attribute as a on r.oid = a.attrelid and not a.attisdropped
    where col_description(a.attrelid, a.attnum) ~ '(^|\n)@mask\M'
),

columns as (
    select
        a.attnum,
        a.attname::text as name,
        a.attnotnull,
        t.typnamespace,
        format_type(a.atttypid, null) as type_name,
        b.typcategory as category,
        b.typname,
        split_part(col_description(a.attrelid, a.attnum), E'\n', 1) as doc
    from relation as r
    inner join pg_catalog.pg_attribute as a
        on r.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
    inner join pg_catalog.pg_type as t on a.atttypid = t.oid
    inner join pg_catalog.pg_type as b
        on b.oid = case t.typtype when 'd' then t.typbasetype else t.oid end
    where
        a.attnum not in (select m.attnum from masked as m)
        and (%(columns)s::text[] is null or a.attname = any(%(columns)s::text[]))
),

-- the relation itself, or the tables that the query of a view reads
sources as (
    select
        r.oid,
        true as is_own
    from relation as r
    where r.relkind <> 'v'
    union
    select
        d.refobjid,
        false
    from relation as r
    inner join pg_catalog.pg_rewrite as w on r.oid = w.ev_class
    inner join pg_catalog.pg_depend as d
        on
            w.oid = d.objid
            and d.classid = 'pg_catalog.pg_rewrite'::regclass
            and d.refclassid = 'pg_catalog.pg_class'::regclass
            and d.refobjid <> r.oid
    where r.relkind in ('v', 'm')
),

indexes as (
    select
        i.indexrelid,
        i.indisprimary,
        i.indisunique and i.indpred is null and i.indexprs is null and i.indimmediate and s.is_own
            as is_unique,
        i.indnkeyatts,
        array(
            select a.attname::text
            from unnest(i.indkey::int2[]) with ordinality as k (attnum, position)
            inner join pg_catalog.pg_attribute as a on i.indrelid = a.attrelid and k.attnum = a.attnum
            where k.position <= i.indnkeyatts
            order by k.position
        ) as names
    from pg_catalog.pg_index as i
    inner join sources as s on i.indrelid = s.oid
    inner join pg_catalog.pg_class as x on i.indexrelid = x.oid
    inner join pg_catalog.pg_am as m on x.relam = m.oid and m.amname in ('btree', 'hash')
    where i.indisvalid and i.indpred is null
),

key as (
    select i.names
    from indexes as i
    where
        i.is_unique
        -- what @tool page_key can name, with a value that cannot be null
        and cardinality(i.names) = i.indnkeyatts
        and (
            select count(*)
            from columns as c
            inner join relation as r on true
            where
                c.name = any(i.names)
                and c.name !~ '[",[:cntrl:]]'
                and c.name = btrim(regexp_replace(c.name, '\s+', ' ', 'g'))
                and (c.attnotnull or r.relkind = 'm')
                and c.typname not in ('bytea', 'float4', 'float8', 'json', 'jsonb')
                and c.typname !~ '^_' -- an array
        ) = cardinality(i.names)
    order by i.indisprimary desc, cardinality(i.names), i.names
    limit 1
),

filters as (
    select
        c.*,
        -- a number that names a row is no measure
        exists (
            select
            from pg_catalog.pg_constraint as k
            inner join sources as s on k.conrelid = s.oid and k.contype in ('p', 'f')
            inner join pg_catalog.pg_attribute as a on k.conrelid = a.attrelid and a.attnum = any(k.conkey)
            where a.attname = c.name
        ) as is_reference,
        x.is_found,
        -- that a row is deleted or not is asked by whether its time is null
        c.category = 'D'
        and (
            x.is_found
            or lower(replace(c.name, '_', '')) in ('deletedat', 'archivedat')
        )
        and exists (
            select
            from sources as s
            inner join pg_catalog.pg_class as k on s.oid = k.oid and k.relkind in ('r', 'p')
            inner join pg_catalog.pg_attribute as a
                on s.oid = a.attrelid and c.name = a.attname and not a.attnotnull
        ) as is_nullable
    from columns as c
    cross join lateral (
        select
            exists (
                select
                from indexes as i
                where i.names[1] = c.name or c.name = any(i.names) and i.indisprimary
            ) as is_found
    ) as x
    where
        (x.is_found or c.category = 'D')
        and (c.category in ('N', 'D', 'B', 'E', 'S') or c.typname = 'uuid')
),

arguments as (
    select
        f.attnum * 4 + o.position as position,
        f.attnum,
        f.name,
        case o.suffix when '_is_null' then 'boolean' else f.type_name end as type_name,
        f.doc,
        o.operator,
        o.said,
        o.suffix
    from filters as f
    cross join
        lateral (
            values
            (0, '_is', '=', 'Only rows whose %%s is this', f.category <> 'D' or f.typname = 'date'),
            (1, '_min', '>=', 'Only rows whose %%s is at least this', f.category = 'N' and not f.is_reference),
            (2, '_max', '<=', 'Only rows whose %%s is at most this', f.category = 'N' and not f.is_reference),
            (1, '_from', '>=', 'Only rows whose %%s is this or later', f.category = 'D'),
            (2, '_to', '<=', 'Only rows whose %%s is this or earlier', f.category = 'D'),
            (3, '_is_null', '=', 'True: only rows without %%s; false: only rows with it', f.is_nullable)
        ) as o (position, suffix, operator, said, is_fit)
    where o.is_fit and (f.is_found or o.suffix = '_is_null')
)

select jsonb_build_object(
    'identity', r.oid::regclass::text,
    'schema', quote_ident(r.nspname),
    'comment', coalesce(obj_description(r.oid, 'pg_class'), ''),
    'is_table', r.relkind in ('r', 'p'),
    'is_partial', %(columns)s::text[] is not null or exists (select from masked),
    'masked', to_jsonb(array(select m.name from masked as m order by m.attnum)),
    'unknown', coalesce((
        select jsonb_agg(w.name)
        from unnest(%(columns)s::text[]) as w (name)
        where
            w.name not in (select c.name from columns as c)
            and w.name not in (select m.name from masked as m)
    ), '[]'),
    'needs_path', r.relkind = 'v' and exists (
        select
        from pg_catalog.pg_rewrite as w
        inner join pg_catalog.pg_depend as d
            on
                w.oid = d.objid
                and d.classid = 'pg_catalog.pg_rewrite'::regclass
                and d.refclassid = 'pg_catalog.pg_proc'::regclass
        where w.ev_class = r.oid
    ),
    'columns', (
        select
            jsonb_agg(jsonb_build_object(
                'name', c.name, 'quoted', quote_ident(c.name), 'type', c.type_name
            ) order by c.attnum)
        from columns as c
    ),
    'key', coalesce((
        select
            jsonb_agg(jsonb_build_object(
                'name', c.name, 'quoted', quote_ident(c.name), 'type', c.type_name
            ) order by array_position(k.names, c.name))
        from key as k
        inner join columns as c on c.name = any(k.names)
    ), '[]'),
    'filters', coalesce((
        select
            jsonb_agg(jsonb_build_object(
                'original', a.name,
                'position', a.attnum,
                'suffix', a.suffix,
                'type', a.type_name,
                'column', quote_ident(a.name),
                'operator', a.operator,
                'doc', format(a.said, a.name) || '; null for all.' || coalesce(' ' || nullif(a.doc, ''), '')
            ) order by a.position)
        from arguments as a
    ), '[]'),
    'type_schemas', to_jsonb(array(
        select distinct quote_ident(n.nspname)
        from columns as c
        inner join pg_catalog.pg_namespace as n on c.typnamespace = n.oid
        where n.nspname <> 'pg_catalog'
    )),
    'notes', to_jsonb(array(
        select
            format(
                'the column %%s is masked, and left out: mcp_migrate.mask_table makes a view that has it',
                m.name
            )
        from masked as m
        order by m.attnum
    ) || array(
        select
            format(
                '%%s has no key for pages: the tool gives at most max_results rows, in no order, and'
                ' no row beyond 1000 without a filter', r.oid::regclass
            )
        where r.relkind <> 'v' and not exists (select from key)
    ) || array(
        select
            format(
                'the column %%s looks like a secret: --columns leaves it out', c.name
            )
        from columns as c
        where c.name ~* %(secret)s
        order by c.attnum
    ))
)
from relation as r
