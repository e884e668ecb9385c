create or replace function mcp_auth.add_audience(audience name, description text)
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
    end if;
    insert into mcp_auth.audiences as a (audience, description)
    values (add_audience.audience, add_audience.description)
    on conflict on constraint audiences_pkey do update set description = excluded.description;
end
$$;

comment on function mcp_auth.add_audience(name, text) is $comment$
Add an audience: a role that carries EXECUTE on tools. The role is created where it is missing.

@param audience  Name of the role, lower case: nologin, member of nothing.
@param description  Who belongs to it, for people.
@error 42501 The role does not exist and the present login may not create one.
@error 42809 The role is a login.
@error 23514 The name is not of lower case letters, digits and _.
$comment$;

alter function mcp_auth.add_audience(name, text) owner to mcp_core;
revoke all on function mcp_auth.add_audience(name, text) from public;
