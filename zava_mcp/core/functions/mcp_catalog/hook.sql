create or replace function mcp_catalog.hook(hook text)
returns regproc
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        -- an error, which names it: without a hook all would be in scope
        case
            when p.oid is null then quote_ident(concat(h.function, ' of ', h.owner))::regproc
            else p.oid::regproc
        end
    from mcp_catalog.hooks as h
    left join pg_catalog.pg_proc as p
        on p.oid = to_regprocedure(h.function) and p.proowner = h.owner
    where h.hook = hook.hook;
end;

comment on function mcp_catalog.hook(text) is $comment$
Return the application's function behind a hook.

@param hook  The hook.
@returns Null when the application registered none.
@error NOT_FOUND Its function is gone, or belongs to another role than when it was registered.
$comment$;

alter function mcp_catalog.hook(text) owner to mcp_core;
revoke all on function mcp_catalog.hook(text) from public;
