create or replace function retail.nearest_vectors(model text, samples uuid[], probes integer)
returns uuid[]
language plpgsql
volatile
security invoker
-- with the schema of vector, wherever it is
set search_path from current
-- what is measured is the index, also where the planner would rather read the table
set enable_seqscan = off
set enable_sort = off
as $$
declare
    v_sample uuid;
    v_near uuid[];
    v_found uuid[] := '{}';
begin
    perform
        set_config('ivfflat.probes', probes::text, true),
        set_config('ivfflat.iterative_scan', 'relaxed_order', true);
    foreach v_sample in array samples loop
        execute format(
            'select array_agg(n.product_id) from ('
            'select e.product_id from retail.product_description_embeddings as e'
            ' where e.model = %L and e.product_id <> $1'
            ' order by e.description_embedding <=> ('
            'select s.description_embedding from retail.product_description_embeddings as s'
            ' where s.product_id = $1 and s.model = $2) limit 10) as n',
            model
        ) into v_near using v_sample, model;
        v_found := v_found || v_near;
    end loop;
    return v_found;
end
$$;

comment on function retail.nearest_vectors(text, uuid[], integer) is $comment$
Return the ten products nearest to each of some others, as a search of this many probes finds them.

@param model    Whose vectors to compare.
@param samples  The products to search for.
@param probes   Lists to visit.
@returns Ten products for the first sample, ten for the second, and so on.
$comment$;

alter function retail.nearest_vectors(text, uuid[], integer) owner to zava_owner;
revoke all on function retail.nearest_vectors(text, uuid[], integer) from public;
