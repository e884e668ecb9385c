create or replace function mcp_catalog.exposed_functions()
returns setof oid
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select p.oid
    from pg_catalog.pg_proc as p
    inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
    inner join mcp_catalog.exposed_schemas as s on n.nspname = s.schema
    where not exists (
        select
        from pg_catalog.pg_depend as d
        where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    );
end;

comment on function mcp_catalog.exposed_functions() is $comment$
List the functions in exposed schemas, refused ones included.

@returns Their oids.
$comment$;

alter function mcp_catalog.exposed_functions() owner to mcp_core;
revoke all on function mcp_catalog.exposed_functions() from public;
