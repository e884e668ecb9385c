create or replace function mcp.record_calls(calls jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_call jsonb;
    v_fault text;
    v_entry mcp.call_log;
    v_keys text[] := '{}';
    v_count integer := 0;
begin
    if jsonb_typeof(calls) is distinct from 'array' or jsonb_array_length(calls) > 1000 then
        perform tool.invalid('calls', 'an array of at most 1000 entries');
    end if;
    -- a write that still runs will have a row of its own, or none; in one order, so that no two wait for each other
    perform mcp.lock_request(r.request_id)
    from (
        select distinct c ->> 'request_id' as request_id
        from jsonb_array_elements(calls) as c
        join mcp.tools as t on t.name = c ->> 'tool' and not t.is_read_only
        order by 1
    ) as r;
    for v_call in select c.* from jsonb_array_elements(calls) as c loop
        v_fault := mcp.call_entry_fault(v_call);
        if v_fault is not null then
            raise warning 'call % was not logged: %', coalesce(left(v_call ->> 'request_id', 100), '(no id)'), v_fault;
            continue;
        end if;
        v_entry := row(
            null, v_call ->> 'request_id', v_call ->> 'user_id', left(v_call ->> 'credential_id', 100),
            left(v_call ->> 'tool', 200), decode(v_call ->> 'arguments_digest', 'hex'), v_call -> 'arguments',
            v_call ->> 'started_at', v_call ->> 'duration_ms', v_call ->> 'rows', v_call ->> 'bytes',
            v_call ->> 'code', left(v_call ->> 'client', 500), left(v_call ->> 'trace_id', 500)
        );
        if mcp.log_call(v_entry) then
            v_count := v_count + 1;
            v_keys := v_keys || v_entry.credential_id;
        end if;
    end loop;
    perform auth.touch_api_keys(v_keys, statement_timestamp());
    return v_count;
end
$$;

comment on function mcp.record_calls(jsonb) is $comment$
Log calls that the shim answered: reads, refusals, failures. Writes that succeeded are logged by mcp.call_tool itself.

An entry that is wrong is passed over with a WARNING, so that it does not lose the others; one whose request has a row
already is passed over in silence, so that a batch may be sent again, and a write whose outcome the shim did not learn
has exactly one row. Texts that are too long are cut.

@param calls  [{"request_id", "tool", "started_at", "duration_ms", "code", and as far as known "user_id", "credential_id",
"arguments_digest", "arguments", "rows", "bytes", "client", "trace_id"}], at most 1000. The digest is hexadecimal,
the moment ISO 8601 with an offset, not older than 30 days.
@returns How many rows were written.
@error 22023 It is no array, or too long.
$comment$;

alter function mcp.record_calls(jsonb) owner to zava_auth;
revoke all on function mcp.record_calls(jsonb) from public;
grant execute on function mcp.record_calls(jsonb) to zava_mcp;
