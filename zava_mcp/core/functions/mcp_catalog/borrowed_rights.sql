create or replace function mcp_catalog.borrowed_rights(function oid)
returns setof text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with used as (
        select distinct s.type
        from mcp_catalog.signature_types(borrowed_rights.function) as s
    ),

    -- what PostgreSQL evaluates for a call before and after the function itself, as mcp_core
    expression as (
        select
            format('the CHECK %s of its type %s', c.conname, format_type(c.contypid, -1)) as place,
            c.conbin::text as tree
        from used as u
        -- offset 0, here and below: an index looks up what few types need
        cross join
            lateral (
                select
                    o.conname,
                    o.contypid,
                    o.conbin
                from pg_catalog.pg_constraint as o
                where o.contypid = u.type and o.conbin is not null
                order by o.oid offset 0
            ) as c
        union all
        select
            'the default of an argument',
            p.proargdefaults::text
        from pg_catalog.pg_proc as p
        where p.oid = borrowed_rights.function and p.proargdefaults is not null
        union all
        select
            format('the cast of its type %s to json', format_type(c.castsource, -1)),
            format(':funcid %s ', c.castfunc)
        from pg_catalog.pg_cast as c
        inner join used as u on c.castsource = u.type
        where c.casttarget = 'json'::regtype and c.castfunc <> 0
    ),

    called as (
        select distinct
            e.place,
            p.oid,
            p.proname,
            p.prosecdef,
            p.pronamespace
        from expression as e
        cross join regexp_matches(e.tree, ':(?:func|opfunc)id ([0-9]+) ', 'g') as m (id)
        cross join
            lateral (
                select
                    f.oid,
                    f.proname,
                    f.prosecdef,
                    f.pronamespace
                from pg_catalog.pg_proc as f
                where f.oid = m.id[1]::oid
                order by f.oid offset 0
            ) as p
    )

    select
        format(
            '%s calls %s, which would run with the rights of mcp_core: make that function '
            'security definer, or do without it',
            c.place, c.oid::regprocedure
        )
    from called as c
    where
        not c.prosecdef
        and case
            when
                c.pronamespace = 'pg_catalog'::regnamespace
                then c.proname ~ '_to_xml|^ts_(stat|rewrite)$|^set_config$|^pg_(read|ls)_|^lo_'
            else not exists (
                select
                from pg_catalog.pg_depend as d
                where
                    d.classid = 'pg_catalog.pg_proc'::regclass
                    and d.objid = c.oid
                    and d.deptype = 'e'
            )
        end
    order by c.place, c.oid;
end;

comment on function mcp_catalog.borrowed_rights(oid) is $comment$
List parts of a function's signature that would run other code as mcp_core, which reads the signing keys: a CHECK of a
domain, a default or a cast to json that calls a function which is neither built in, nor of an extension, nor security
definer.

@param function  The function.
@returns One sentence a call, with what to change.
$comment$;

alter function mcp_catalog.borrowed_rights(oid) owner to mcp_core;
revoke all on function mcp_catalog.borrowed_rights(oid) from public;
