create or replace function mcp_catalog.signature_types(function oid)
returns table (type oid, is_input boolean)
language sql
stable
security invoker
rows 4
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
        where p.oid = signature_types.function
        union all
        select
            p.prorettype,
            false
        from pg_catalog.pg_proc as p
        where p.oid = signature_types.function
        union
        select
            part.type,
            u.is_input
        from used as u
        -- offset 0: an index looks up what few types need, where a join reads the catalogue as a
        -- whole for each function
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
        u.type,
        u.is_input
    from used as u;
end;

comment on function mcp_catalog.signature_types(oid) is $comment$
List the types of a function's arguments and results, with all that they are made of: base types of domains, elements of
arrays, columns of composites.

@param function  The function.
@returns Each type, and whether an argument has it; twice where both hold.
$comment$;

alter function mcp_catalog.signature_types(oid) owner to mcp_core;
revoke all on function mcp_catalog.signature_types(oid) from public;
