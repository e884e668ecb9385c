create or replace function mcp.record_calls(calls jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_fault text;
    v_request_id text;
    v_faulty jsonb;
    v_keeps_arguments boolean;
    v_keys text[];
    v_count integer;
begin
    if jsonb_typeof(calls) is distinct from 'array' or jsonb_array_length(calls) > 1000 then
        perform mcp_tool.invalid('calls', 'an array of at most 1000 entries');
    end if;
    -- a write that still runs will have a row of its own, or none; in one order, so that no two wait for each other
    perform mcp_log.lock_request(r.request_id)
    from (
        select distinct c ->> 'request_id' as request_id
        from jsonb_array_elements(calls) as c
        join mcp_catalog.tools as t on t.name = c ->> 'tool' and not t.is_read_only
        order by 1
    ) as r;
    v_keeps_arguments := (select s.value = 'true' from mcp_catalog.settings as s where s.name = 'log_arguments');
    -- all rows by one statement: one each costs the database more than the calls themselves
    with checked as materialized (
        select
            c.call,
            c.position,
            mcp_log.call_entry_fault(c.call) as fault
        from jsonb_array_elements(calls) with ordinality as c (call, position)
    ),

    given as materialized (
        select
            c.position,
            row_number() over (partition by r.request_id order by c.position) as time,
            r.*
        from checked as c
        cross join lateral jsonb_to_record(c.call) as r (
            request_id text, user_id uuid, credential_id text, tool text, arguments_digest text,
            arguments jsonb, started_at timestamptz, duration_ms numeric, rows integer, bytes integer,
            code text, client text, trace_id text
        )
        where c.fault is null
    ),

    known as materialized (
        select l.request_id
        from given as g
        -- one look-up by index each, also in a day's partition that is new and not analyzed yet
        cross join lateral (
            select c.request_id
            from mcp_log.call_log as c
            where c.request_id = g.request_id
                -- two clocks; the bounds keep the search to few days
                and c.started_at between g.started_at - interval '1 day' and g.started_at + interval '1 day'
            limit 1
        ) as l
    ),

    written as (
        insert into mcp_log.call_log (
            log_id, request_id, user_id, credential_id, tool, arguments_digest, arguments, started_at,
            duration_ms, row_count, bytes, code, client, trace_id
        )
        select
            mcp_tool.uuidv7(),
            n.request_id,
            n.user_id,
            left(n.credential_id, 100),
            left(n.tool, 200),
            coalesce(decode(n.arguments_digest, 'hex'), sha256(convert_to(n.arguments::text, 'UTF8'))),
            case when v_keeps_arguments and octet_length(n.arguments::text) <= 8000 then n.arguments end,
            n.started_at,
            n.duration_ms,
            n.rows,
            n.bytes,
            n.code,
            left(n.client, 500),
            left(n.trace_id, 500)
        from (
            select g.*
            from given as g
            where not exists (select from known as k where k.request_id = g.request_id)
            order by g.position
        ) as n
        where n.time = 1
        returning log_id, started_at, credential_id
    ),

    listed as (
        insert into mcp_log.call_log_pending (started_at, log_id)
        select
            w.started_at,
            w.log_id
        from written as w
    )

    select
        (select count(*) from written),
        (select coalesce(array_agg(distinct w.credential_id), '{}') from written as w),
        (
            select jsonb_agg(jsonb_build_array(c.call -> 'request_id', c.fault) order by c.position)
            from checked as c
            where c.fault is not null
        )
    into v_count, v_keys, v_faulty;
    for v_request_id, v_fault in select f ->> 0, f ->> 1 from jsonb_array_elements(v_faulty) as f loop
        raise warning 'call % was not logged: %', coalesce(left(v_request_id, 100), '(no id)'), v_fault;
    end loop;
    perform mcp_auth.touch_api_keys(v_keys, statement_timestamp());
    return v_count;
end
$$;

comment on function mcp.record_calls(jsonb) is $comment$
Log calls that the server answered: reads, refusals, failures. mcp.call_tool logs successful writes.

An entry that is wrong is skipped with a WARNING, so that it does not lose the others; one whose request has a row
already is skipped silently, so that a batch may be sent again, and a write whose outcome the shim did not learn
has exactly one row. Texts that are too long are cut.

@param calls  [{"request_id", "tool", "started_at", "duration_ms", "code", and as far as known "user_id", "credential_id",
"arguments" or their "arguments_digest", "rows", "bytes", "client", "trace_id"}], at most 1000. The digest is hexadecimal; without
one it is the SHA-256 of the arguments as jsonb prints them. The moment is ISO 8601 with an offset, not older than 30 days.
@returns How many rows were written.
@error VALIDATION_ERROR It is no array, or too long.
$comment$;

alter function mcp.record_calls(jsonb) owner to mcp_core;
revoke all on function mcp.record_calls(jsonb) from public;
grant execute on function mcp.record_calls(jsonb) to mcp_server;
