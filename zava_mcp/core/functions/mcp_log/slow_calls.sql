create or replace function mcp_log.slow_calls(
    period interval default '1 hour',
    max_results integer default 50
)
returns table (
    started_at timestamptz,
    tool text,
    duration_ms numeric,
    row_count integer,
    bytes integer,
    code text,
    user_name text,
    client text,
    request_id text,
    trace_id text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform mcp_log.check_period(period);
    if max_results is null or max_results not between 1 and 1000 then
        perform mcp_tool.invalid('max_results', 'a number from 1 to 1000');
    end if;
    return query
    select
        l.started_at,
        l.tool,
        l.duration_ms::numeric,
        l.row_count,
        l.bytes,
        l.code,
        u.name,
        l.client,
        l.request_id,
        l.trace_id
    from mcp_log.call_log as l
    left join mcp_auth.users as u on u.user_id = l.user_id
    where l.started_at > now() - period
        and l.duration_ms >= (
            select (s.value)::numeric from mcp_catalog.settings as s where s.name = 'slow_call_ms'
        )
    order by l.duration_ms desc, l.started_at desc
    limit max_results;
end
$$;

comment on function mcp_log.slow_calls(interval, integer) is $comment$
Return the calls that took as long as the setting slow_call_ms or longer, from the call log.

@param period       How far back, 1 second to 366 days.
@param max_results  How many, 1 to 1000.
@returns One row a call, slowest first; user_name is null when the credential was refused.
@error VALIDATION_ERROR The period or the number is out of range.
$comment$;

alter function mcp_log.slow_calls(interval, integer) owner to mcp_core;
revoke all on function mcp_log.slow_calls(interval, integer) from public;
grant execute on function mcp_log.slow_calls(interval, integer) to mcp_tools;
