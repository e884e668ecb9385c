create or replace function mcp.fault_place(context text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        coalesce((
            select o.tree || '/' || o.path || ':' || o.body_line + f.parts[2]::integer - 1
            from
                regexp_matches(
                    left(fault_place.context, 10000),
                    '^PL/pgSQL function (\S+\(.*\)) line ([0-9]{1,6})',
                    'gn'
                ) with ordinality as f (parts, depth)
            inner join mcp_migrate.object as o
                on
                    o.kind = 'routine'
                    and o.body_line is not null
                    and o.identity = f.parts[1]
            order by f.depth
            limit 1
        ), '');
end;

comment on function mcp.fault_place(text) is $comment$
Return the file and line where an error was raised: of the innermost function in the error's context that a managed
file made. For audiences of developers.

@param context  CONTEXT of the error, as PostgreSQL gives it.
@returns "tree/path:line", with the line of the file; empty where no managed file has such a function with a body in text.
$comment$;

alter function mcp.fault_place(text) owner to mcp_core;
revoke all on function mcp.fault_place(text) from public;
grant execute on function mcp.fault_place(text) to mcp_server;
