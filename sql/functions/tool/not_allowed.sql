create or replace function tool.not_allowed(hint text default '')
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    raise insufficient_privilege using message = 'not allowed', hint = hint;
end
$$;

comment on function tool.not_allowed(text) is $comment$
Refuse the caller: an AUTHORIZATION_ERROR that says nothing about what exists.

@param hint  What the caller may do instead; the same whether or not the thing asked for exists.
@error AUTHORIZATION_ERROR Always.
$comment$;

alter function tool.not_allowed(text) owner to zava_tools;
revoke all on function tool.not_allowed(text) from public;
grant execute on function tool.not_allowed(text) to zava_tools, zava_owner;
