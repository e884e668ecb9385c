create or replace function mcp.hook(hook text)
returns regproc
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select h.function::oid::regproc
    from mcp.hooks as h
    where h.hook = hook.hook;
end;

comment on function mcp.hook(text) is $comment$
The application's function behind a hook.

@param hook  The hook.
@returns Null when the application registered none.
$comment$;

alter function mcp.hook(text) owner to zava_auth;
revoke all on function mcp.hook(text) from public;
