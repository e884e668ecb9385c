create or replace function mcp.pending_embeddings(model text, batch integer)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function regproc := mcp_catalog.hook('pending_embeddings');
    v_passages jsonb := mcp_catalog.pending_passages(model, batch);
    v_result jsonb := '{"total": 0, "items": []}';
begin
    if v_function is not null then
        execute format('select %s($1, $2)', v_function)
        into v_result using model, batch - jsonb_array_length(v_passages -> 'items');
    end if;
    return jsonb_build_object(
        'total', (v_passages ->> 'total')::integer + (v_result ->> 'total')::integer,
        'items', (v_passages -> 'items') || (v_result -> 'items')
    );
end
$$;

comment on function mcp.pending_embeddings(text, integer) is $comment$
Return the next texts that have no vector of a model: passages of tools, and what the application's hook gives.

@param model  Name of the model.
@param batch  How many texts to give.
@returns {"total": texts still to do, "items": [{"id": text, "text": text}]}.
$comment$;

alter function mcp.pending_embeddings(text, integer) owner to mcp_core;
revoke all on function mcp.pending_embeddings(text, integer) from public;
