create or replace function mcp_tool.save_state(state jsonb)
returns mcp_tool.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_build_array(jsonb_build_object('kept', save_state.state));
end;

comment on function mcp_tool.save_state(jsonb) is $comment$
Save a value for the next round. Earlier answers are saved anyway.

The client carries it, signed and for ten minutes: it cannot change it, but it can read it.

@param state  What mcp_tool.saved_state gives at the next call, up to 20 kB.
@returns A mark, to be combined by || with mcp_tool.ask.
$comment$;

alter function mcp_tool.save_state(jsonb) owner to mcp_tools;
revoke all on function mcp_tool.save_state(jsonb) from public;
grant execute on function mcp_tool.save_state(jsonb) to mcp_tools;
