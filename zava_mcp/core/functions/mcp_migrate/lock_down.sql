create or replace function mcp_migrate.lock_down()
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_grants text[];
    v_taken text[];
    v_statement text;
begin
    select array_agg(format('grant %s on %s %s to %I', g.privilege, g.kind, o.object, g.role) order by g.role, o.object)
    into v_grants
    from mcp_migrate.given_back as g
    cross join lateral (select coalesce(g.object, quote_ident(current_database())) as object) as o
    where not exists (
        select
        from mcp_migrate.access() as a
        join pg_roles as r on r.oid = a.grantee and r.rolname = g.role
        where a.kind = g.kind and a.object = o.object and a.privilege = g.privilege
    );
    select array_agg(format('%s on %s %s', a.privilege, a.kind, a.object))
    into v_taken
    from mcp_migrate.access() as a
    where a.grantee = 0;

    if coalesce(v_grants, v_taken) is not null
        and not (select r.rolsuper from pg_roles as r where r.rolname = current_user) then
        raise insufficient_privilege using
            message = format('this database is not locked down, and %s may not do it', current_user),
            hint = 'Have a superuser run what "zava-mcp migrate bootstrap --print" prints, or say --no-lockdown.';
    end if;
    -- the grants first: a revoke fires the event trigger, whose function needs them
    foreach v_statement in array coalesce(v_grants, '{}') loop
        execute v_statement;
    end loop;
    foreach v_statement in array coalesce(v_taken, '{}') loop
        execute format('revoke %s from public', v_statement);
        insert into mcp_migrate.taken (statement)
        values (format('grant %s to public', v_statement))
        on conflict do nothing;
    end loop;
    if to_regclass('mcp_catalog.settings') is not null then
        execute 'update mcp_catalog.settings set value = ''true'' where name = ''lockdown'' and value <> ''true''';
    end if;
    return coalesce(cardinality(v_taken), 0);
end
$$;

comment on function mcp_migrate.lock_down() is $comment$
Take from PUBLIC what mcp_migrate.forbidden lists, and give to the roles what mcp_migrate.given_back lists. Where that is done
already nothing happens, so it may be called again: after a restore, an upgrade or a new extension.

@returns How many privileges PUBLIC lost.
@error 42501 There is something to do, and the present role is no superuser.
$comment$;

revoke all on function mcp_migrate.lock_down() from public;
