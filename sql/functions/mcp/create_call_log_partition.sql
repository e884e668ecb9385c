create or replace function mcp.create_call_log_partition(name text, bounds text)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    -- attached, not created in its place: that would wait for everybody who reads the log
    execute format('create table call_log.%I (like mcp.call_log including all)', name);
    execute format('revoke update, delete, truncate on call_log.%I from zava_auth', name);
    execute format('alter table mcp.call_log attach partition call_log.%I %s', name, bounds);
end
$$;

comment on function mcp.create_call_log_partition(text, text) is $comment$
Make one partition of the call log, append-only as the whole.

@param name    Name of the table in schema call_log.
@param bounds  "for values from ... to ..." or "default", of our own making.
$comment$;

alter function mcp.create_call_log_partition(text, text) owner to zava_auth;
revoke all on function mcp.create_call_log_partition(text, text) from public;
