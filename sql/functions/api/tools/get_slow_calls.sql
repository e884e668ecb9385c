create or replace function api.get_slow_calls(
    period interval default '24 hours',
    max_results integer default 20
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
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        s.started_at,
        s.tool,
        s.duration_ms,
        s.row_count,
        s.bytes,
        s.code,
        s.user_name,
        s.client,
        s.request_id,
        s.trace_id
    from mcp_log.slow_calls(get_slow_calls.period, get_slow_calls.max_results) as s;
end;

comment on function api.get_slow_calls(interval, integer) is $comment$
The slowest calls of this server: which requests took too long, and who waited.

Use it when answers are sluggish or hang: the longest calls, by default those over 1 second.

@param period       (How far back, at most 366 days.)
@param max_results  (How many, 1 to 1000.)
@returns One row a call, slowest first: who called which tool, how long it took, how much it answered, how it ended. No arguments and no results.
@error VALIDATION_ERROR The period or the number is out of range.
@example "what was slow in the last hour?" -> get_slow_calls(period="1 hour")
@example "slowest requests" -> get_slow_calls()
@example "calls that took more than five seconds" -> get_slow_calls()
@tool title="Slow calls" group=operations
@ui table
@ui page Operations
$comment$;

alter function api.get_slow_calls(interval, integer) owner to mcp_tools;
revoke all on function api.get_slow_calls(interval, integer) from public;
grant execute on function api.get_slow_calls(interval, integer) to mcp_core, head_office;
