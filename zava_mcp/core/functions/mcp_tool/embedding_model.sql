create or replace function mcp_tool.embedding_model()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select nullif(current_setting('app.embedding_model', true), '');
end;

comment on function mcp_tool.embedding_model() is $comment$
Name of the model that made the vectors of this call. Compare them only with vectors of the same model.

@returns Null when the call came without vectors.
$comment$;

alter function mcp_tool.embedding_model() owner to mcp_core;
revoke all on function mcp_tool.embedding_model() from public;
grant execute on function mcp_tool.embedding_model() to mcp_tools;
