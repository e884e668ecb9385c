create or replace function mcp_migrate.share_schemas()
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_grant text;
    v_count integer := 0;
begin
    -- a body in quotes finds its names when it runs, as its owner
    for v_grant in
        select format('grant usage on schema %I to %I', n.nspname, r.rolname)
        from mcp_migrate.schema as s
        inner join pg_namespace as n on s.schema = n.nspname
        cross join pg_roles as r
        where
            s.is_judged
            -- tools call no tools, and who finds them could grant those of its own to others
            and s.schema not in (select e.schema from mcp_catalog.exposed_schemas as e)
            and r.rolname <> 'mcp_sandbox'
            and not has_schema_privilege(r.oid, n.oid, 'usage')
            and r.oid in (
                select p.proowner
                from pg_proc as p
                inner join pg_namespace as o on p.pronamespace = o.oid
                inner join mcp_migrate.schema as m on m.schema = o.nspname and m.is_judged
            )
    loop
        execute v_grant;
        v_count := v_count + 1;
    end loop;
    return v_count;
end
$$;

comment on function mcp_migrate.share_schemas() is $comment$
Let each role that owns functions of ours find the names of our schemas: a tracked body is bound when it is made, one in
quotes when it runs, as its owner. What it may execute and read stays as it is. Not the schemas of tools; and mcp_sandbox, which
runs SQL of clients, finds no more names.

@returns How many schemas were opened to a role.
$comment$;

revoke all on function mcp_migrate.share_schemas() from public;
