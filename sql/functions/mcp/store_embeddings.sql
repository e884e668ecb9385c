create or replace function mcp.store_embeddings(model text, items jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function regproc := mcp.hook('store_embeddings');
    v_result integer := 0;
begin
    if v_function is not null then
        execute format('select %s($1, $2)', v_function)
        into v_result using model, items;
    end if;
    return v_result;
end
$$;

comment on function mcp.store_embeddings(text, jsonb) is $comment$
Store vectors of a model. The application's hook does it.

@param model  Name of the model.
@param items  [{"id": text, "embedding": numbers, "source": the text that was embedded}].
@returns How many were stored.
$comment$;

alter function mcp.store_embeddings(text, jsonb) owner to zava_auth;
revoke all on function mcp.store_embeddings(text, jsonb) from public;
