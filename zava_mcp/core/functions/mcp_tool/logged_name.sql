create or replace function mcp_tool.logged_name(relation oid, log_schema text)
returns text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case n.nspname
            when log_schema then c.relname::text
            else format('%I.%I', n.nspname, c.relname)
        end
    from pg_class as c
    inner join pg_namespace as n on c.relnamespace = n.oid
    where c.oid = coalesce(pg_partition_root(relation), relation);
end;

comment on function mcp_tool.logged_name(oid, text) is $comment$
Return the name of a table in a change log; for a partition, that of its table.

@param relation a table or partition
@param log_schema the schema of the log
@returns The name as the catalogue has it. Of a table of another schema, schema and name as SQL quotes them, so that two tables
with one name stay apart.
$comment$;

alter function mcp_tool.logged_name(oid, text) owner to mcp_core;
revoke all on function mcp_tool.logged_name(oid, text) from public;
