create or replace function mcp_log.create_call_log_partition(name text, bounds text)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    -- attached, not created in its place: that would wait for everybody who reads the log
    execute format('create table mcp_log.%I (like mcp_log.call_log including all)', name);
    execute format('revoke update, delete, truncate on mcp_log.%I from mcp_core', name);
    execute format('alter table mcp_log.call_log attach partition mcp_log.%I %s', name, bounds);
end
$$;

comment on function mcp_log.create_call_log_partition(text, text) is $comment$
Create a partition of the call log, which is append-only.

@param name    Name of the table in schema mcp_log.
@param bounds  "for values from ... to ..." or "default", of our own making.
$comment$;

alter function mcp_log.create_call_log_partition(text, text) owner to mcp_core;
revoke all on function mcp_log.create_call_log_partition(text, text) from public;
