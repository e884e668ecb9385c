create or replace function mcp_log.list_calls(
    only_user uuid default null,
    only_code text default null,
    only_request text default null,
    only_failed boolean default false,
    max_results integer default 20
)
returns table (
    started_at timestamptz,
    user_name text,
    tool text,
    code text,
    duration_ms numeric,
    row_count integer,
    client text,
    request_id text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if max_results is null or max_results not between 1 and 1000 then
        perform mcp_tool.invalid('max_results', 'a number from 1 to 1000');
    end if;
    return query
    select
        l.started_at,
        u.name,
        l.tool,
        l.code,
        l.duration_ms::numeric,
        l.row_count,
        l.client,
        l.request_id
    from mcp_log.call_log as l
    left join mcp_auth.users as u on u.user_id = l.user_id
    where (only_user is null or l.user_id = only_user)
        and (only_code is null or l.code = only_code)
        and (only_request is null or l.request_id = only_request)
        and not (only_failed and l.code in ('OK', 'TASK', 'INPUT_REQUIRED'))
    order by l.started_at desc, l.log_id
    limit max_results;
end
$$;

comment on function mcp_log.list_calls(uuid, text, text, boolean, integer) is $comment$
List the last calls of the call log, for an administrator.

@param only_user     Only the calls of this user.
@param only_code     Only the calls that ended with this code.
@param only_request  Only the call with this id.
@param only_failed   Only the calls that were refused or failed.
@param max_results   How many, 1 to 1000.
@returns One row a call, the newest first; user_name is null for callers whom a claim rule admits, and where the credential was refused; duration_ms in milliseconds.
@error VALIDATION_ERROR max_results is not a number from 1 to 1000.
$comment$;

alter function mcp_log.list_calls(uuid, text, text, boolean, integer) owner to mcp_core;
revoke all on function mcp_log.list_calls(uuid, text, text, boolean, integer) from public;
