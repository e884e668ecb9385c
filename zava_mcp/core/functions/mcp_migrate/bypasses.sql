create or replace view mcp_migrate.bypasses (kind, id, object, guarded, reason)
with (security_invoker = true) as
with recursive
readers as (
    -- a view reads as its owner, unless it says otherwise; stored rows are read as nobody
    select distinct
        c.oid as reader,
        c.relkind as reader_kind,
        d.refobjid as relation,
        case
            when
                c.relkind = 'v'
                and c.reloptions && array[
                    'security_invoker=true', 'security_invoker=on', 'security_invoker=1',
                    'security_invoker=yes'
                ]
                then 0::oid
            else c.relowner
        end as role
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_rewrite as r on c.oid = r.ev_class and r.rulename = '_RETURN'
    inner join pg_catalog.pg_depend as d
        on
            r.oid = d.objid
            and d.classid = 'pg_catalog.pg_rewrite'::regclass
            and d.refclassid = 'pg_catalog.pg_class'::regclass
            and d.refobjid <> c.oid
    where c.relkind in ('v', 'm')
),

-- the tables under a relation that row-level security guards, and as whom each is read; 0: as who
-- asks
guarded as (
    select
        c.oid as relation,
        c.oid as table_id,
        0::oid as role,
        false as is_stored
    from mcp_migrate.guarded as t
    inner join pg_catalog.pg_class as c on t.relation = c.oid
    inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
    where n.nspname !~ '^mcp($|_)'
    union
    select
        r.reader,
        g.table_id,
        coalesce(nullif(g.role, 0), r.role),
        g.is_stored or r.reader_kind = 'm'
    from guarded as g
    inner join readers as r on g.relation = r.relation
),

-- what a definer function says, without comments, texts and quotes
code as (
    select
        p.oid,
        p.proname,
        p.proowner,
        p.prosecdef,
        lower(replace(regexp_replace(
            coalesce(pg_get_function_sqlbody(p.oid), p.prosrc),
            '--[^\n]*|/\*.*?\*/|''([^'']|'''')*''', ' ', 'g'
        ), '"', '')) as body,
        l.lanname in ('sql', 'plpgsql') as is_readable
    from pg_catalog.pg_proc as p
    inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
    inner join pg_catalog.pg_language as l on p.prolang = l.oid
    where
        n.nspname !~ '^(pg_|information_schema$|mcp($|_)|tests$)'
        and p.prokind in ('f', 'p')
        and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
        and exists (select from guarded)
        and not exists (
            select
            from pg_catalog.pg_depend as d
            where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
        )
),

-- a definer function, and what it calls, with the rights that this has
calls as (
    select
        c.oid as definer,
        c.proowner as role,
        c.oid as routine
    from code as c
    where c.prosecdef
    union
    select
        r.definer,
        case when c.prosecdef then c.proowner else r.role end,
        c.oid
    from calls as r
    inner join code as f on r.routine = f.oid
    inner join code as c
        on
            strpos(f.body, lower(c.proname)) > 0
            and f.body ~ ('\m' || regexp_replace(lower(c.proname), '\W', '.', 'g') || '\s*\(')
),

definer_reads as (
    select distinct
        r.definer,
        coalesce(nullif(g.role, 0), r.role) as role,
        g.table_id,
        not f.is_readable or f.body ~ '\mexecute\M' as is_unknown,
        g.is_stored
    from calls as r
    inner join code as f on r.routine = f.oid
    inner join guarded as g on true
    inner join pg_catalog.pg_class as c on g.relation = c.oid
    where
        (not f.is_readable or f.body ~ '\mexecute\M') and g.relation = g.table_id
        or strpos(f.body, lower(c.relname)) > 0
        and f.body ~ ('\m' || regexp_replace(lower(c.relname), '\W', '.', 'g') || '\M')
),

found as (
    select
        case c.relkind when 'v' then 'view' else 'materialized view' end as kind,
        c.oid as id,
        c.oid::regclass::text as object,
        g.table_id,
        g.role,
        g.is_stored,
        false as is_unknown
    from guarded as g
    inner join pg_catalog.pg_class as c on g.relation = c.oid and c.relkind in ('v', 'm')
    union all
    select
        'function' as kind,
        d.definer as id,
        d.definer::regprocedure::text as object,
        d.table_id,
        d.role,
        d.is_stored,
        d.is_unknown
    from definer_reads as d
)

select distinct on (f.kind, f.id)
    f.kind,
    f.id,
    f.object,
    f.table_id::regclass::text as guarded,
    case
        when f.is_stored
            then
                format(
                    'it keeps rows of %s for everybody, whatever row-level security says',
                    f.table_id::regclass
                )
        else
            format(
                'it %s %s as %s, who sees every row whatever the caller may see (%s)',
                case when f.is_unknown then 'may read' else 'reads' end,
                f.table_id::regclass,
                r.rolname,
                case
                    when r.rolsuper then 'a superuser'
                    when r.rolbypassrls then 'it has BYPASSRLS'
                    when
                        not t.relrowsecurity
                        then 'it is a part of a table, whose policies do not bind it'
                    when p.is_open then 'a policy admits it to every row'
                    else 'the owner, and row-level security is not forced'
                end
            )
    end as reason
from found as f
inner join pg_catalog.pg_class as t on f.table_id = t.oid
left join pg_catalog.pg_roles as r on f.role = r.oid
cross join
    lateral (
        select count(*) > 0 as is_open
        from pg_catalog.pg_policy as o
        where
            o.polrelid = t.oid
            and o.polcmd in ('r', '*')
            and exists (
                select
                from mcp_migrate.open_policies as m
                where
                    m.oid = o.oid
                    and not m.is_check
                    -- a view does not change who reads, a definer function does: the policy names
                    -- its owner, or all but some
                    and (
                        not m.is_by_user
                        or f.kind = 'function'
                        and (m.text like '%<>%') <> (strpos(m.text, quote_literal(r.rolname)) > 0)
                    )
            )
            and exists (
                select
                from unnest(o.polroles) as m (role)
                where m.role = 0 or pg_has_role(f.role, m.role, 'usage')
            )
    ) as p
where
    f.is_stored
    or (
        f.role <> 0
        and (
            r.rolsuper
            or r.rolbypassrls
            or not t.relrowsecurity
            or p.is_open
            or (pg_has_role(f.role, t.relowner, 'usage') and not t.relforcerowsecurity)
        )
    )
order by f.kind, f.id, f.is_unknown, f.is_stored, f.table_id;

comment on view mcp_migrate.bypasses is
'Views, materialized views and definer functions that give rows which row-level security would '
'keep from the caller. What a function reads is taken from its text.';
comment on column mcp_migrate.bypasses.kind is 'view, materialized view or function.';
comment on column mcp_migrate.bypasses.id is 'Key in pg_class or pg_proc.';
comment on column mcp_migrate.bypasses.object is 'Its name.';
comment on column mcp_migrate.bypasses.guarded is
'A table with row-level security whose rows it shows.';
comment on column mcp_migrate.bypasses.reason is 'How it goes around row-level security.';
