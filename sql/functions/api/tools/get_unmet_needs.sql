create or replace function api.get_unmet_needs(
    period interval default '7 days',
    max_results integer default 20
)
returns table (
    kind text,
    subject text,
    calls bigint,
    callers bigint,
    last_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        u.kind,
        u.subject,
        u.calls,
        u.callers,
        u.last_at
    from mcp_log.unmet(get_unmet_needs.period, get_unmet_needs.max_results) as u;
end;

comment on function api.get_unmet_needs(interval, integer) is $comment$
What people looked for and did not find: missing tools, refusals, searches that led nowhere.

Use it to see which tool is missing, what this server cannot do yet, and which queries are written again and again.

@param period       (How far back, at most 366 days.)
@param max_results  (How many, 1 to 1000.)
@returns One row a kind and subject, the most frequent first: how often, by how many callers, and when last.
@error VALIDATION_ERROR The period or the number is out of range.
@example "What did people look for and not find?" -> get_unmet_needs()
@example "Which tools do we lack?" -> get_unmet_needs(period="30 days")
@example "unanswered questions" -> get_unmet_needs()
@tool title="Unmet needs" group=operations
@ui table
@ui page Operations
$comment$;

alter function api.get_unmet_needs(interval, integer) owner to mcp_tools;
revoke all on function api.get_unmet_needs(interval, integer) from public;
grant execute on function api.get_unmet_needs(interval, integer) to mcp_core, head_office;
