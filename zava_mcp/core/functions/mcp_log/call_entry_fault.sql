create or replace function mcp_log.call_entry_fault(entry jsonb)
returns text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    return case
        when jsonb_typeof(entry) is distinct from 'object' then 'it is no object'
        when entry - array[
            'request_id', 'user_id', 'credential_id', 'tool', 'arguments_digest', 'arguments',
            'started_at', 'duration_ms', 'rows', 'bytes', 'code', 'client', 'trace_id'
        ] <> '{}' then 'it has a key too many'
        when
            jsonb_typeof(entry -> 'request_id') is distinct from 'string'
            or length(entry ->> 'request_id') not between 1 and 500
            then 'request_id'
        when
            coalesce(jsonb_typeof(entry -> 'user_id'), 'null') not in ('string', 'null')
            or not pg_input_is_valid(coalesce(entry ->> 'user_id', gen_random_uuid()::text), 'uuid')
            then 'user_id'
        when
            coalesce(jsonb_typeof(entry -> 'credential_id'), 'null') not in ('string', 'null')
            then 'credential_id'
        when jsonb_typeof(entry -> 'tool') is distinct from 'string' then 'tool'
        when
            coalesce(jsonb_typeof(entry -> 'arguments_digest'), 'null')
            not in ('string', 'null')
            or (entry ->> 'arguments_digest') !~ '^[0-9a-f]{64}$'
            then 'arguments_digest'
        when
            jsonb_typeof(entry -> 'started_at') is distinct from 'string'
            or (entry ->> 'started_at')
            !~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$'
            or not pg_input_is_valid(entry ->> 'started_at', 'timestamptz')
            then 'started_at'
        -- no partitions for days that nobody can have called on
        when
            (entry ->> 'started_at')::timestamptz
            not between now() - interval '30 days' and now() + interval '1 hour'
            then 'started_at'
        when
            jsonb_typeof(entry -> 'duration_ms') is distinct from 'number'
            or (entry ->> 'duration_ms')::numeric not between 0 and 999999999
            then 'duration_ms'
        when
            coalesce(jsonb_typeof(entry -> 'rows'), 'null') not in ('number', 'null')
            or (entry ->> 'rows') !~ '^\d{1,9}$'
            then 'rows'
        when
            coalesce(jsonb_typeof(entry -> 'bytes'), 'null') not in ('number', 'null')
            or (entry ->> 'bytes') !~ '^\d{1,9}$'
            then 'bytes'
        when
            jsonb_typeof(entry -> 'code') is distinct from 'string'
            or (entry ->> 'code') !~ '^[A-Z][A-Z_]{0,49}$'
            then 'code'
        when
            coalesce(jsonb_typeof(entry -> 'client'), 'null') not in ('string', 'null')
            then 'client'
        when
            coalesce(jsonb_typeof(entry -> 'trace_id'), 'null') not in ('string', 'null')
            then 'trace_id'
    end;
end
$$;

comment on function mcp_log.call_entry_fault(jsonb) is $comment$
Return the fault of an entry for mcp.record_calls, or null.

@param entry  The entry.
@returns The field whose type, form or range is wrong, or a sentence; null when the entry is good.
$comment$;

alter function mcp_log.call_entry_fault(jsonb) owner to mcp_core;
revoke all on function mcp_log.call_entry_fault(jsonb) from public;
