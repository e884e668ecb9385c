create or replace function mcp.store_embeddings(model text, items jsonb, vectors real[])
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function regproc := mcp_catalog.hook('store_embeddings');
    v_result integer := 0;
begin
    if coalesce(array_length(vectors, 1), 0) <> jsonb_array_length(items) then
        perform mcp_tool.invalid('vectors', 'one for each item');
    end if;
    if v_function is not null then
        execute format('select %s($1, $2, $3)', v_function)
        into v_result using model, items, vectors;
    end if;
    return v_result;
end
$$;

comment on function mcp.store_embeddings(text, jsonb, real[]) is $comment$
Store vectors of a model. Calls the application's hook.

@param model    Name of the model.
@param items    [{"id": text, "source": the text that was embedded}].
@param vectors  One vector for each item, in the same order: an array of two dimensions.
@returns How many were stored.
@error VALIDATION_ERROR There are not as many vectors as items.
$comment$;

alter function mcp.store_embeddings(text, jsonb, real[]) owner to mcp_core;
revoke all on function mcp.store_embeddings(text, jsonb, real[]) from public;
