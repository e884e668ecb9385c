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

    insert into mcp_migrate.lockdown_grants (role, privilege, kind, object, reason)
    select o.role, 'connect', 'database', null, 'nodes log in with each other as it'
    from owner as o
    union all
    select o.role, 'execute', 'function', f.oid::regprocedure::text, 'parts of a query of this transaction'
    from owner as o
    cross join pg_proc as f
    where
        f.proname in ('read_intermediate_result', 'read_intermediate_results')
        -- what opens a transaction on another node. Not the sandbox, but on workers, where each
        -- transaction has its number already: with another's number it would read parts of theirs
        or f.proname = 'assign_distributed_transaction_id' and o.role <> 'mcp_sandbox'
    union all
    -- a shard moves as the owner of its table
    select o.role, 'execute', 'function', f.object, 'moves shards'
    from owner as o
    cross join mcp_migrate.forbidden() as f
    inner join pg_depend as d
        on
            f.kind = 'function'
            and d.classid = 'pg_proc'::regclass
            and d.objid = f.object::regprocedure
            and d.deptype = 'e'
    inner join pg_extension as e on d.refobjid = e.oid and e.extname = 'citus'
    where o.role not in ('mcp_core', 'mcp_tools', 'mcp_sandbox')
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
queries, to move shards, and the session that a call came in by.

@returns How many rows of mcp_migrate.lockdown_grants are new.
$comment$;

revoke all on function mcp_migrate.give_back() from public;
