create or replace function mcp_auth.add_audience(
    audience name,
    description text,
    is_developers boolean default false
)
returns void
language plpgsql
volatile
-- invoker: it creates a role, with the rights of the migration login
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select
        from pg_roles as r
        where r.rolname = add_audience.audience and (r.rolcanlogin or r.rolsuper)
    ) then
        raise wrong_object_type using
            message = format('role "%s" is a login: an audience is a role that nobody connects as', audience),
            hint = 'Choose another name.';
    end if;
    if not exists (select from pg_roles as r where r.rolname = add_audience.audience) then
        execute format('create role %I nologin', add_audience.audience);
        -- zava-mcp uninstall --roles may drop it; what the ledger does not know stays
        if
            coalesce(has_schema_privilege(to_regnamespace('mcp_migrate')::oid, 'usage'), false)
            and coalesce(has_table_privilege(to_regclass('mcp_migrate.made')::oid, 'insert'), false)
        then
            insert into mcp_migrate.made (kind, name, oid, tree, id)
            select 'role', r.rolname, r.oid, 'core', 'audience'
            from pg_roles as r
            where r.rolname = add_audience.audience
            on conflict do nothing;
        end if;
    end if;
    insert into mcp_auth.audiences as a (audience, description, is_developers)
    values (add_audience.audience, add_audience.description, add_audience.is_developers)
    on conflict on constraint audiences_pkey do update set
        description = excluded.description, is_developers = excluded.is_developers;
end
$$;

comment on function mcp_auth.add_audience(name, text, boolean) is $comment$
Add an audience: a role with EXECUTE on tools. The role is created if it is missing.

@param audience  Name of the role, lower case: nologin, member of nothing.
@param description  Who belongs to it, for people.
@param is_developers  Whether they write the tools: a fault in one is told to them whole, with its place.
@error AUTHORIZATION_ERROR The role does not exist and the present login may not create one.
@error VALIDATION_ERROR The role is a login.
@error VALIDATION_ERROR The name is not of lower case letters, digits and _.
$comment$;

alter function mcp_auth.add_audience(name, text, boolean) owner to mcp_core;
revoke all on function mcp_auth.add_audience(name, text, boolean) from public;
