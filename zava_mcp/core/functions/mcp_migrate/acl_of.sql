create or replace function mcp_migrate.acl_of(kind text, object text, column_name text)
returns text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select case
    when kind = 'function' then (
        select p.proacl::text from pg_proc as p where p.oid = to_regprocedure(object)
    )
    when kind = 'table' and column_name = '' then (
        select c.relacl::text from pg_class as c where c.oid = to_regclass(object)
    )
    when kind = 'table' then (
        select a.attacl::text
        from pg_attribute as a
        where a.attrelid = to_regclass(object) and a.attname = column_name
    )
    when kind = 'schema' then (
        select n.nspacl::text from pg_namespace as n where n.oid = to_regnamespace(object)
    )
    when kind = 'language' then (
        select l.lanacl::text from pg_language as l where quote_ident(l.lanname) = object
    )
    when kind = 'database' then (
        select d.datacl::text from pg_database as d where d.datname = current_database()
    )
end;
$$;

comment on function mcp_migrate.acl_of(text, text, text) is $comment$
Return the access list of an object from the catalogue.

@param kind as mcp_migrate.forbidden gives it
@param object as mcp_migrate.forbidden gives it; of a database any, since it is this one
@param column_name the column of a table, or empty
@returns The text of the access list; null where it is the default, or where there is no such object.
$comment$;

revoke all on function mcp_migrate.acl_of(text, text, text) from public;
