create or replace function mcp.finish_embeddings(model text)
returns jsonb
language plpgsql
volatile
-- security invoker, since the application may build an index
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function regproc := mcp_catalog.hook('finish_embeddings');
    v_result jsonb := '{}';
begin
    perform mcp_catalog.refresh_tool_vectors();
    if v_function is not null then
        execute format('select %s($1)', v_function)
        into v_result using model;
    end if;
    return v_result;
end
$$;

comment on function mcp.finish_embeddings(text) is $comment$
Switch searches to a model whose vectors are complete, and build its index: that of tools, and by the application's hook
that of its texts.

@param model  Name of the model.
@returns What was built.
$comment$;

alter function mcp.finish_embeddings(text) owner to mcp_core;
revoke all on function mcp.finish_embeddings(text) from public;
