create or replace function mcp.export_step(step integer)
returns setof integer
language sql
volatile
rows 1
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select export_step.step + 1 where current_setting('app.export', true) = 'on';
end;

comment on function mcp.export_step(integer) is $comment$
Say whether an export goes on, for the COPY of mcp_catalog.open_export.

@param step  What was read last.
@returns The next step; no row when all is read.
$comment$;

alter function mcp.export_step(integer) owner to mcp_core;
revoke all on function mcp.export_step(integer) from public;
grant execute on function mcp.export_step(integer) to mcp_server;
