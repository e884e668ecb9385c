create or replace function tool.conflict(message text, hint text default null)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    raise unique_violation using message = message, hint = coalesce(hint, '');
end
$$;

comment on function tool.conflict(text, text) is $comment$
Say that what the caller asks for contradicts what there is now: a CONFLICT.

@param message  What contradicts what.
@param hint     What to do.
@error CONFLICT Always.
$comment$;

alter function tool.conflict(text, text) owner to zava_tools;
revoke all on function tool.conflict(text, text) from public;
grant execute on function tool.conflict(text, text) to zava_tools, zava_owner;
