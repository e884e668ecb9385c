create or replace function mcp_auth.limits_of(audience name)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_limits jsonb;
begin
    select to_jsonb(l.*) - 'audience' into v_limits
    from mcp_auth.limits as l
    where l.audience = limits_of.audience or l.audience is null
    order by l.audience nulls last
    limit 1;
    if v_limits is null then
        -- without a limit nobody is served
        raise no_data_found using
            message = 'mcp_auth.limits has no row for every audience',
            hint = 'Insert one whose audience is null.';
    end if;
    return v_limits;
end
$$;

comment on function mcp_auth.limits_of(name) is $comment$
Return the limits of a caller of an audience.

@param audience  The caller's audience.
@returns {"calls_per_minute", "concurrent_calls", "concurrent_queries", "tasks", "concurrent_tasks", "exports",
"export_bytes"}: the audience's own row of mcp_auth.limits, else the row for all.
@error NOT_FOUND There is neither.
$comment$;

alter function mcp_auth.limits_of(name) owner to mcp_core;
revoke all on function mcp_auth.limits_of(name) from public;
