create or replace function mcp_migrate.prepare_nodes()
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_grant text;
    v_role text;
    v_statements text[];
    v_failed text;
    v_count integer;
begin
    -- an insert reaches a shard with its defaults filled in, which asks for their columns too
    for v_grant in
        select
            format(
                'grant insert (%s) on %s to %I',
                string_agg(quote_ident(d.attname), ', ' order by d.attnum), t.logicalrelid, t.rolname
            )
        from (
            select distinct p.logicalrelid, r.oid, r.rolname
            from pg_dist_partition as p
            inner join pg_attribute as a on a.attrelid = p.logicalrelid and a.attacl is not null
            cross join aclexplode(a.attacl) as x
            inner join pg_roles as r on x.grantee = r.oid
            where x.privilege_type = 'INSERT'
        ) as t
        inner join pg_attribute as d
            on d.attrelid = t.logicalrelid and d.atthasdef and d.attgenerated = '' and not d.attisdropped
        where not has_column_privilege(t.oid, t.logicalrelid, d.attnum, 'insert')
        group by t.logicalrelid, t.rolname
    loop
        execute v_grant;
    end loop;
    -- nodes log in with each other, and with themselves, as the role whose function asks; each gets it
    for v_role in
        select format('alter role %I login', r.rolname)
        from pg_roles as r
        where not r.rolsuper and not r.rolcanlogin and (
            r.rolname in ('mcp_core', 'mcp_tools', 'mcp_sandbox')
            or exists (
                select
                from pg_class as c
                inner join pg_namespace as n on c.relnamespace = n.oid
                inner join mcp_migrate.schema as s on s.schema = n.nspname and s.is_judged
                where c.relowner = r.oid and c.relkind in ('r', 'p')
            )
        )
    loop
        execute v_role;
    end loop;
    -- what signs the context verifies it there too: a table of each node's own, since a policy may
    -- not ask another node
    v_statements := array[
        'create table if not exists mcp_auth.signing_keys (purpose text primary key, inner_key bytea not null, '
        'outer_key bytea not null, created_at timestamptz not null)',
        'revoke all on mcp_auth.signing_keys from public',
        'alter table mcp_auth.signing_keys owner to mcp_core'
    ];
    select
        v_statements || array_agg(
            format(
                'insert into mcp_auth.signing_keys as k values (%L, %L, %L, %L) on conflict (purpose) do update '
                'set inner_key = excluded.inner_key, outer_key = excluded.outer_key, created_at = excluded.created_at',
                k.purpose, k.inner_key, k.outer_key, k.created_at
            )
        )
    into v_statements
    from mcp_auth.signing_keys as k
    where k.purpose = 'context';

    -- Citus brings functions to a new worker with their grants, and leaves PUBLIC what it has by default
    select
        v_statements || array_agg(
            format('if to_regnamespace(%L) is not null then ', n.nspname)
            || format('revoke execute on all routines in schema %I from public; end if', n.nspname)
        )
    into v_statements
    from mcp_migrate.schema as s
    inner join pg_namespace as n on s.schema = n.nspname and s.is_judged;
    select
        v_statements || array_agg(format('grant execute on routine %s to public', p.oid::regprocedure))
    into v_statements
    from pg_proc as p
    inner join pg_namespace as n on p.pronamespace = n.oid
    inner join mcp_migrate.schema as s on s.schema = n.nspname and s.is_judged
    cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as x
    where x.grantee = 0;
    -- a shard moves as the owner of its table, who makes its triggers again
    select
        v_statements || array_agg(distinct format('grant execute on function %s to %I', t.tgfoid::regprocedure, r.rolname))
    into v_statements
    from pg_dist_partition as p
    inner join pg_trigger as t on p.logicalrelid = t.tgrelid and not t.tgisinternal
    inner join pg_class as c on p.logicalrelid = c.oid
    inner join pg_roles as r on c.relowner = r.oid
    where not has_function_privilege(r.oid, t.tgfoid, 'execute');
    -- operators for SQL of clients, which Citus takes to no node
    select
        v_statements || array_agg(
            format(
                'if to_regoperator(%L) is null then create operator %s (function = %s, leftarg = %s, rightarg = %s); end if',
                o.oid::regoperator::text,
                format('%I.%s', n.nspname, o.oprname),
                o.oprcode, o.oprleft::regtype, o.oprright::regtype
            )
        )
    into v_statements
    from pg_operator as o
    inner join pg_namespace as n on o.oprnamespace = n.oid and n.nspname = 'mcp_sandbox';
    -- what the lock-down changed here it changes there
    if (select s.value = 'true' from mcp_catalog.settings as s where s.name = 'lockdown') then
        select
            v_statements || array_agg(
                format(
                    '%s %s%s on %s %s %s %s',
                    case when p.role is null then 'revoke' else 'grant' end,
                    p.privilege,
                    case when p.column_name <> '' then format(' (%I)', p.column_name) end,
                    replace(p.kind, 'function', 'routine'),
                    case p.kind when 'database' then quote_ident(current_database()) else p.object end,
                    case when p.role is null then 'from' else 'to' end,
                    coalesce(quote_ident(p.role), 'public')
                )
                order by p.role is null
            )
        into v_statements
        from mcp_migrate.locked_privileges as p;
        v_statements := v_statements || format(
            'grant execute on function %s to mcp_sandbox',
            'assign_distributed_transaction_id(integer, bigint, timestamptz)'::regprocedure
        );
    end if;

    select
        string_agg(format('%s:%s: %s', c.nodename, c.nodeport, c.result), '; ') filter (where not c.success),
        count(*)
    into v_failed, v_count
    from run_command_on_workers(
        format(
            'do %L',
            -- a node's own: it would send it on
            'begin set local citus.enable_ddl_propagation = off; ' || array_to_string(v_statements, '; ') || '; end'
        )
    ) as c;
    if v_failed is not null then
        raise object_not_in_prerequisite_state using message = 'a node is not ready: ' || v_failed;
    end if;
    return v_count;
end
$$;

comment on function mcp_migrate.prepare_nodes() is $comment$
After mcp_migrate.share_schemas() and mcp_migrate.give_back(), in a transaction of its own: give each worker of the cluster what the coordinator's sessions need there: logins of the roles that own tools and
tables, and the key that signs the context. At the end of each apply; again after a worker was added.

@returns How many workers there are.
@error CONFLICT A worker refused.
$comment$;

revoke all on function mcp_migrate.prepare_nodes() from public;
