create or replace function mcp_auth.list_audiences()
returns table (audience name, description text, users integer, tools integer)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        a.audience,
        a.description,
        (
            select count(*)::integer from mcp_auth.users as u where u.audience = a.audience
        ) as users,
        (
            select count(*)::integer
            from mcp_catalog.tools as t
            where has_function_privilege(r.rolname, to_regprocedure(t.function), 'execute')
        ) as tools
    from mcp_auth.audiences as a
    left join pg_catalog.pg_roles as r on a.audience = r.rolname
    order by a.audience;
end;

comment on function mcp_auth.list_audiences() is $comment$
List the audiences, for an administrator.

@returns One row an audience, by name, with the number of its users and of the tools that it may call: none without its role.
$comment$;

alter function mcp_auth.list_audiences() owner to mcp_core;
revoke all on function mcp_auth.list_audiences() from public;
