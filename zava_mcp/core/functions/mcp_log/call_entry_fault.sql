create or replace function mcp_log.call_entry_fault(entry jsonb)
returns text
language sql
stable
security invoker
-- without a search_path of its own, so that the planner puts it in place of its calls: the check of
-- a row costs as much as the row; so no regular expression where a comparison does
begin atomic
    select
        case
            when coalesce(jsonb_typeof(entry), '') <> 'object' then 'it is no object'
            when entry - array[
                'request_id', 'user_id', 'credential_id', 'tool', 'arguments_digest', 'arguments',
                'started_at', 'duration_ms', 'rows', 'bytes', 'code', 'client', 'trace_id'
            ] <> '{}' then 'it has a key too many'
            when
                coalesce(jsonb_typeof(entry -> 'request_id'), '') <> 'string'
                or length(entry ->> 'request_id') not between 1 and 500
                then 'request_id'
            when
                jsonb_typeof(entry -> 'user_id') not in ('string', 'null')
                or not pg_input_is_valid(entry ->> 'user_id', 'uuid')
                then 'user_id'
            when jsonb_typeof(entry -> 'credential_id') not in ('string', 'null')
                then 'credential_id'
            when coalesce(jsonb_typeof(entry -> 'tool'), '') <> 'string' then 'tool'
            when
                jsonb_typeof(entry -> 'arguments_digest') not in ('string', 'null')
                or (entry ->> 'arguments_digest') !~ '^[0-9a-f]{64}$'
                then 'arguments_digest'
            -- ISO 8601 with an offset: the cast below reads it, and takes other forms too
            when
                coalesce(jsonb_typeof(entry -> 'started_at'), '') <> 'string'
                or (entry ->> 'started_at') not like '____-__-__T__:__:__%'
                or (entry ->> 'started_at') not like '%Z'
                and (entry ->> 'started_at') not like '%+__:__'
                and (entry ->> 'started_at') not like '%-__:__'
                or not pg_input_is_valid(entry ->> 'started_at', 'timestamptz')
                then 'started_at'
            -- no partitions for days that nobody can have called on
            when
                (entry ->> 'started_at')::timestamptz
                not between now() - interval '30 days' and now() + interval '1 hour'
                then 'started_at'
            when
                coalesce(jsonb_typeof(entry -> 'duration_ms'), '') <> 'number'
                or (entry -> 'duration_ms')::numeric not between 0 and 999999999
                then 'duration_ms'
            when
                jsonb_typeof(entry -> 'rows') not in ('number', 'null')
                or (entry ->> 'rows') !~ '^\d{1,9}$'
                then 'rows'
            when
                jsonb_typeof(entry -> 'bytes') not in ('number', 'null')
                or translate(entry ->> 'bytes', '0123456789', '') <> ''
                or length(entry ->> 'bytes') > 9
                then 'bytes'
            when
                coalesce(jsonb_typeof(entry -> 'code'), '') <> 'string'
                or translate(entry ->> 'code', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ_', '') <> ''
                or (entry ->> 'code') = ''
                or starts_with(entry ->> 'code', '_')
                or length(entry ->> 'code') > 50
                then 'code'
            when jsonb_typeof(entry -> 'client') not in ('string', 'null') then 'client'
            when jsonb_typeof(entry -> 'trace_id') not in ('string', 'null') then 'trace_id'
        end;
end;

comment on function mcp_log.call_entry_fault(jsonb) is $comment$
Return the fault of an entry for mcp.record_calls, or null.

@param entry  The entry.
@returns The field whose type, form or range is wrong, or a sentence; null when the entry is good.
$comment$;

alter function mcp_log.call_entry_fault(jsonb) owner to mcp_core;
revoke all on function mcp_log.call_entry_fault(jsonb) from public;
