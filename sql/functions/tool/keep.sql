create or replace function tool.keep(state jsonb)
returns mcp.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_build_array(jsonb_build_object('kept', keep.state));
end;

comment on function tool.keep(jsonb) is $comment$
Keep something until the answers come, beside the answers before them, which are kept anyway.

The client carries it, signed and for ten minutes: it cannot change it, but it can read it.

@param state  What tool.kept gives at the next call, up to 20 kB.
@returns A mark, to be combined by || with tool.ask.
$comment$;

alter function tool.keep(jsonb) owner to zava_tools;
revoke all on function tool.keep(jsonb) from public;
grant execute on function tool.keep(jsonb) to zava_tools, zava_owner;
