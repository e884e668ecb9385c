create or replace function mcp.pending_embeddings(model text, batch integer)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function regproc := mcp_catalog.hook('pending_embeddings');
    v_result jsonb := '{"total": 0, "items": []}';
begin
    if v_function is not null then
        execute format('select %s($1, $2)', v_function)
        into v_result using model, batch;
    end if;
    return v_result;
end
$$;

comment on function mcp.pending_embeddings(text, integer) is $comment$
Return the next texts that have no vector of a model. Calls the application's hook.

@param model  Name of the model.
@param batch  How many texts to give.
@returns {"total": texts still to do, "items": [{"id": text, "text": text}]}.
$comment$;

alter function mcp.pending_embeddings(text, integer) owner to mcp_core;
revoke all on function mcp.pending_embeddings(text, integer) from public;
