create or replace function mcp_auth.scope_of(identity mcp_auth.identity)
returns text[]
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function regproc;
    v_scope text[];
begin
    -- not by mcp_catalog.hook: here, in every call, a statement costs less than a function
    select
        case
            when p.oid is null then quote_ident(concat(h.function, ' of ', h.owner))::regproc
            else p.oid::regproc
        end
    into v_function
    from mcp_catalog.hooks as h
    left join pg_proc as p on p.oid = to_regprocedure(h.function) and p.proowner = h.owner
    where h.hook = 'scope';
    if v_function is null then
        return identity.scope;
    end if;
    execute format('select %s($1, $2)', v_function)
    into v_scope using identity.audience, identity.scope;
    -- an application that answers nothing gives nothing
    return coalesce(v_scope, '{}');
end
$$;

comment on function mcp_auth.scope_of(mcp_auth.identity) is $comment$
Return the scope of a user from the application's scope hook. Without a hook it is the granted scope.

@param identity  The user.
@returns Ids; what they mean is the application's.
$comment$;

alter function mcp_auth.scope_of(mcp_auth.identity) owner to mcp_core;
revoke all on function mcp_auth.scope_of(mcp_auth.identity) from public;
