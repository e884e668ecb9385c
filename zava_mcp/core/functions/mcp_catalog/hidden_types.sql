create or replace function mcp_catalog.hidden_types(function oid)
returns setof text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with recursive used as (
        select
            t.type,
            coalesce(t.mode, 'i') in ('i', 'b', 'v') as is_input
        from pg_catalog.pg_proc as p
        cross join
            lateral unnest(
                coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes
            ) as t (type, mode)
        where p.oid = hidden_types.function
        union all
        select
            p.prorettype,
            false
        from pg_catalog.pg_proc as p
        where p.oid = hidden_types.function
        union
        select
            part.type,
            u.is_input
        from used as u
        -- offset 0: an index looks up what few types need
        cross join
            lateral (
                select o.*
                from pg_catalog.pg_type as o
                where o.oid = u.type
                order by o.oid offset 0
            ) as t
        cross join
            lateral (
                select t.typbasetype as type
                union all
                select t.typelem
                union all
                select a.atttypid
                from pg_catalog.pg_attribute as a
                where
                    t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0
                    and not a.attisdropped
            ) as part
        where part.type <> 0
    )

    select
        format(
            'mcp_core may not use schema %1$I, where its type %2$s is: grant usage on schema %1$I '
            'to mcp_core',
            n.nspname,
            string_agg(distinct format_type(t.oid, -1), ', ')
        )
    from used as u
    inner join pg_catalog.pg_type as t on u.type = t.oid
    inner join pg_catalog.pg_namespace as n on t.typnamespace = n.oid
    inner join pg_catalog.pg_roles as me on me.rolname = 'mcp_core'
    where
        not exists (
            select
            from aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as a
            left join pg_catalog.pg_roles as g on a.grantee = g.oid
            where
                a.privilege_type = 'USAGE'
                and (a.grantee = 0 or pg_has_role(me.oid, g.rolname, 'usage'))
        )
        -- of a result the core names a type only to ask a domain of numbers about NaN
        and (u.is_input or t.typtype = 'd' and t.typcategory = 'N')
    group by n.nspname
    order by n.nspname;
end;

comment on function mcp_catalog.hidden_types(oid) is $comment$
List the types of a function that the core must name, and may not, since it may not use their schema.

@param function  The function.
@returns One sentence a schema, with its remedy; no row when there is none.
$comment$;

alter function mcp_catalog.hidden_types(oid) owner to mcp_core;
revoke all on function mcp_catalog.hidden_types(oid) from public;
