create or replace function mcp_catalog.domain_scale(type oid)
returns integer
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with recursive chain as (
        select
            t.typbasetype,
            t.typtypmod
        from pg_catalog.pg_type as t
        where t.oid = domain_scale.type
        union all
        select
            b.typbasetype,
            b.typtypmod
        from chain
        inner join pg_catalog.pg_type as b on chain.typbasetype = b.oid
    )

    select case when s.scale > 1023 then 0 else s.scale end as scale
    from chain
    -- as numeric.c has it: from 1024 on they are negative
    cross join lateral (select (chain.typtypmod - 4) & 2047 as scale) as s
    where
        chain.typbasetype = 'numeric'::regtype and chain.typtypmod > -1
        and s.scale not between 39 and 1023;
end;

comment on function mcp_catalog.domain_scale(oid) is $comment$
How many digits the values of a domain over numeric(precision, scale) have after the point.

@param type  A type.
@returns 0 to 38; null for what is no such domain.
$comment$;

alter function mcp_catalog.domain_scale(oid) owner to mcp_core;
revoke all on function mcp_catalog.domain_scale(oid) from public;
