create or replace function mcp_catalog.hook(hook text)
returns regproc
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select h.function::regprocedure::oid::regproc
    from mcp_catalog.hooks as h
    where h.hook = hook.hook;
end;

comment on function mcp_catalog.hook(text) is $comment$
Return the application's function behind a hook.

@param hook  The hook.
@returns Null when the application registered none.
$comment$;

alter function mcp_catalog.hook(text) owner to mcp_core;
revoke all on function mcp_catalog.hook(text) from public;
