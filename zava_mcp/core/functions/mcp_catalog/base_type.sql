create or replace function mcp_catalog.base_type(type oid)
returns pg_catalog.pg_type
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with recursive chain as (
        select
            t.oid,
            t.typbasetype
        from pg_catalog.pg_type as t
        where t.oid = base_type.type
        union all
        select
            b.oid,
            b.typbasetype
        from chain
        inner join pg_catalog.pg_type as b on chain.typbasetype = b.oid
    )

    select t
    from chain
    inner join pg_catalog.pg_type as t on chain.oid = t.oid
    where chain.typbasetype = 0;
end;

comment on function mcp_catalog.base_type(oid) is $comment$
Return the type beneath a domain, or beneath a domain over a domain.

@param type  A type.
@returns Its row of pg_type; the type's own when it is no domain.
$comment$;

alter function mcp_catalog.base_type(oid) owner to mcp_core;
revoke all on function mcp_catalog.base_type(oid) from public;
