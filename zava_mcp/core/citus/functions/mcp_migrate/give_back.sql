create or replace function mcp_migrate.give_back()
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count integer;
begin
    with owner as (
        select distinct c.relowner::regrole::name as role
        from pg_dist_partition as p
        inner join pg_class as c on p.logicalrelid = c.oid
        union
        values ('mcp_core'), ('mcp_tools'), ('mcp_sandbox')
    )

    insert into mcp_migrate.given_back (role, privilege, kind, object, reason)
    select o.role, 'connect', 'database', null, 'nodes log in with each other as it'
    from owner as o
    union all
    select o.role, 'execute', 'function', f.oid::regprocedure::text, 'parts of a query of this transaction'
    from owner as o
    cross join pg_proc as f
    where f.proname in ('read_intermediate_result', 'read_intermediate_results')
    union all
    select 'mcp_core', 'execute', 'function', f.oid::regprocedure::text, 'the session that a call came in by'
    from pg_proc as f
    where f.proname in ('citus_backend_gpid', 'citus_is_coordinator', 'citus_pid_for_gpid')
    on conflict do nothing;
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

comment on function mcp_migrate.give_back() is $comment$
Note what the lock-down takes and the roles of a cluster need: to log in to the other nodes, to read parts of their own
queries, and the session that a call came in by.

@returns How many rows of mcp_migrate.given_back are new.
$comment$;

revoke all on function mcp_migrate.give_back() from public;
