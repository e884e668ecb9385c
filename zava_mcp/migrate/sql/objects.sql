-- Every object that a managed file can own, named as DROP wants it. xid tells in which savepoint
-- its row was written, and nobody else can have written it there. Columns that the query around
-- this one does not use are not computed.
select
    'routine' as kind,
    p.oid::regprocedure::text as identity,
    n.nspname::text as schema,
    'pg_proc'::regclass::oid as classid,
    p.oid as objid,
    p.xmin as xid,
    case p.prokind when 'a' then p.oid::regprocedure::text else pg_get_functiondef(p.oid) end
        as definition,
    concat_ws(
        E'\n',
        'owner ' || pg_get_userbyid(p.proowner),
        (select string_agg('grant ' || a, E'\n' order by a::text) from unnest(p.proacl) as a),
        'comment ' || obj_description(p.oid, 'pg_proc')
    ) as grants
from pg_proc as p
inner join pg_namespace as n on p.pronamespace = n.oid
where n.nspname !~ '^(pg_|information_schema$)'
union all
select
    'view' as kind,
    c.oid::regclass::text as identity,
    n.nspname::text as schema,
    'pg_class'::regclass::oid as classid,
    c.oid as objid,
    r.xmin as xid,
    concat_ws(E'\n', pg_get_viewdef(c.oid), array_to_string(c.reloptions, ', ')) as definition,
    concat_ws(
        E'\n',
        'owner ' || pg_get_userbyid(c.relowner),
        (select string_agg('grant ' || a, E'\n' order by a::text) from unnest(c.relacl) as a),
        'comment ' || obj_description(c.oid, 'pg_class')
    ) as grants
from pg_rewrite as r
inner join pg_class as c on r.ev_class = c.oid and c.relkind = 'v' and r.rulename = '_RETURN'
inner join pg_namespace as n on c.relnamespace = n.oid
where n.nspname !~ '^(pg_|information_schema$)'
union all
select
    'policy' as kind,
    quote_ident(p.polname) || ' on ' || c.oid::regclass as identity,
    n.nspname::text as schema,
    'pg_policy'::regclass::oid as classid,
    p.oid as objid,
    p.xmin as xid,
    concat_ws(
        E'\n',
        'command ' || p.polcmd::text,
        'permissive ' || p.polpermissive,
        (
            select
                string_agg(
                    'to ' || case r when 0 then 'public' else pg_get_userbyid(r) end,
                    E'\n'
                    order by pg_get_userbyid(r)
                )
            from unnest(p.polroles) as r
        ),
        'using ' || pg_get_expr(p.polqual, p.polrelid),
        'with check ' || pg_get_expr(p.polwithcheck, p.polrelid),
        'enabled ' || c.relrowsecurity,
        'forced ' || c.relforcerowsecurity
    ) as definition,
    concat_ws(
        E'\n',
        'comment ' || obj_description(p.oid, 'pg_policy'),
        -- what the roles of the tools may do with its table; the rest is for its owner to say
        (
            select string_agg('grant ' || g.place || i, E'\n' order by g.place, i::text)
            from (
                select
                    '' as place,
                    c.relacl as acl
                union all
                select
                    quote_ident(a.attname) || ' ',
                    a.attacl
                from pg_attribute as a
                where c.oid = a.attrelid
            ) as g
            cross join unnest(g.acl) as i
            where i::text ~ '^mcp_(core|tools|sandbox)='
        )
    ) as grants
from pg_policy as p
inner join pg_class as c on p.polrelid = c.oid
inner join pg_namespace as n on c.relnamespace = n.oid
union all
select
    'trigger' as kind,
    quote_ident(t.tgname) || ' on ' || c.oid::regclass as identity,
    n.nspname::text as schema,
    'pg_trigger'::regclass::oid as classid,
    t.oid as objid,
    t.xmin as xid,
    concat_ws(E'\n', pg_get_triggerdef(t.oid), 'enabled ' || t.tgenabled::text) as definition,
    concat_ws(E'\n', 'comment ' || obj_description(t.oid, 'pg_trigger')) as grants
from pg_trigger as t
inner join pg_class as c on t.tgrelid = c.oid
inner join pg_namespace as n on c.relnamespace = n.oid
where not t.tgisinternal and t.tgparentid = 0
union all
select
    'event trigger' as kind,
    quote_ident(e.evtname) as identity,
    null as schema,
    'pg_event_trigger'::regclass::oid as classid,
    e.oid as objid,
    e.xmin as xid,
    concat_ws(
        E'\n',
        'on ' || e.evtevent,
        'tags ' || array_to_string(e.evttags, ', '),
        'execute ' || e.evtfoid::regprocedure,
        'enabled ' || e.evtenabled::text
    ) as definition,
    concat_ws(
        E'\n',
        'owner ' || pg_get_userbyid(e.evtowner),
        'comment ' || obj_description(e.oid, 'pg_event_trigger')
    ) as grants
from pg_event_trigger as e
