create or replace function mcp_migrate.add_worker(host text, port integer)
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schema text;
    v_role text;
    v_opened text[] := '{}';
    v_pair text[];
    v_node integer;
begin
    -- Citus repeats each grant as the role that made it, the owner of the function
    for v_schema, v_role in
        select distinct n.nspname, r.rolname
        from pg_proc as p
        inner join pg_namespace as n on p.pronamespace = n.oid
        inner join mcp_migrate.schema as s on s.schema = n.nspname and s.is_judged
        inner join pg_roles as r on p.proowner = r.oid
        where not has_schema_privilege(r.oid, n.oid, 'usage')
    loop
        execute format('grant usage on schema %I to %I', v_schema, v_role);
        v_opened := v_opened || array[[v_schema, v_role]];
    end loop;
    v_node := citus_add_node(host, port);
    foreach v_pair slice 1 in array v_opened loop
        execute format('revoke usage on schema %I from %I', v_pair[1], v_pair[2]);
    end loop;
    return v_node;
end
$$;

comment on function mcp_migrate.add_worker(text, integer) is $comment$
Add a worker to the cluster, whose database is there with the extension citus. Then, in a transaction of its own:
mcp_migrate.prepare_nodes(), and citus_rebalance_start(), which moves shards to it.

@param host  Where it is, as the other nodes reach it.
@param port  Its port.
@returns Its number.
$comment$;

revoke all on function mcp_migrate.add_worker(text, integer) from public;
