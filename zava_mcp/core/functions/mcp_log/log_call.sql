create or replace function mcp_log.log_call(entry mcp_log.call_log)
returns boolean
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select
        from mcp_log.call_log as l
        where l.request_id = entry.request_id
            -- two clocks; the bounds keep the search to three days
            and l.started_at between entry.started_at - interval '1 day' and entry.started_at + interval '1 day'
    ) then
        return false;
    end if;
    entry.log_id := mcp_tool.uuidv7();
    if octet_length(entry.arguments::text) > 8000
        or not (select s.value = 'true' from mcp_catalog.settings as s where s.name = 'log_arguments')
    then
        entry.arguments := null;
    end if;
    insert into mcp_log.call_log select entry.*;
    insert into mcp_log.call_log_pending (started_at, log_id) values (entry.started_at, entry.log_id);
    return true;
end
$$;

comment on function mcp_log.log_call(mcp_log.call_log) is $comment$
Write the row of a call, and put it on the list of what is to be sealed. Only mcp.record_calls, which does so for many
at once, writes the call log beside it.

@param entry  The row. log_id is given here; the arguments are kept only if the setting log_arguments says so.
@returns False when there is a row of the same request already, and nothing was written.
$comment$;

alter function mcp_log.log_call(mcp_log.call_log) owner to mcp_core;
revoke all on function mcp_log.log_call(mcp_log.call_log) from public;
