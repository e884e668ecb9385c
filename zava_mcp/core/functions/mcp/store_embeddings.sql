create or replace function mcp.store_embeddings(model text, items jsonb, vectors real[])
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function regproc := mcp_catalog.hook('store_embeddings');
    v_passages integer;
    v_others jsonb;
    v_vectors real[];
    v_result integer := 0;
begin
    if coalesce(array_length(vectors, 1), 0) <> jsonb_array_length(items) then
        perform mcp_tool.invalid('vectors', 'one for each item');
    end if;
    v_passages := mcp_catalog.store_passages(model, items, vectors);
    if v_passages = 0 then
        v_others := items;
        v_vectors := vectors;
    else
        select
            jsonb_agg(i.item order by i.position),
            array_agg(array(select unnest(vectors[i.position:i.position])) order by i.position)
        into v_others, v_vectors
        from jsonb_array_elements(items) with ordinality as i (item, position)
        where (i.item ->> 'id' like 'passage:%') is not true;
    end if;
    if v_function is not null and jsonb_array_length(v_others) > 0 then
        execute format('select %s($1, $2, $3)', v_function)
        into v_result using model, v_others, v_vectors;
    end if;
    return v_passages + v_result;
end
$$;

comment on function mcp.store_embeddings(text, jsonb, real[]) is $comment$
Store vectors of a model: those of passages of tools, and by the application's hook all others.

@param model    Name of the model.
@param items    [{"id": text, "source": the text that was embedded}].
@param vectors  One vector for each item, in the same order: an array of two dimensions.
@returns How many were stored.
@error VALIDATION_ERROR There are not as many vectors as items.
$comment$;

alter function mcp.store_embeddings(text, jsonb, real[]) owner to mcp_core;
revoke all on function mcp.store_embeddings(text, jsonb, real[]) from public;
