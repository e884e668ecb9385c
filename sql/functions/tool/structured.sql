create or replace function tool.structured(value jsonb)
returns mcp.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_build_array(jsonb_build_object('structured', structured.value));
end;

comment on function tool.structured(jsonb) is $comment$
What programs read of a result, beside its content.

@param value  An object.
@returns A mark, to be combined with content by ||.
$comment$;

alter function tool.structured(jsonb) owner to zava_tools;
revoke all on function tool.structured(jsonb) from public;
grant execute on function tool.structured(jsonb) to zava_tools, zava_owner;
