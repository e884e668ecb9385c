create or replace function mcp_log.check_period(period interval)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    if period is null or period not between interval '1 second' and interval '366 days' then
        perform mcp_tool.invalid('period', 'an interval from 1 second to 366 days, like 24 hours');
    end if;
end
$$;

comment on function mcp_log.check_period(interval) is $comment$
Refuse an invalid period for questions about the call log.

@param period  How far back.
@error VALIDATION_ERROR It is not between a second and a year.
$comment$;

alter function mcp_log.check_period(interval) owner to mcp_core;
revoke all on function mcp_log.check_period(interval) from public;
