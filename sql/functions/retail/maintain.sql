create or replace function retail.maintain()
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- more take longer than a statement of the server may
    c_vectors constant integer := 50000;
    -- of a long history a year at a time, since sales wait
    v_report jsonb := jsonb_build_object('closed_days', retail.close_days(max_days => 366));
    v_index jsonb := '"due: select retail.tune_embedding_index()"';
begin
    if exists (select from retail.check_embedding_index) then
        begin
            if (
                select count(*) <= c_vectors
                from retail.product_description_embeddings as e
                join retail.embedding_models as m on m.model = e.model and m.is_active
            ) then
                v_index := retail.tune_embedding_index(sample => 50);
            end if;
        exception
            -- without CREATE on the schema somebody tunes by hand
            when insufficient_privilege then null;
        end;
        v_report := v_report || jsonb_build_object('index', v_index);
    end if;
    return v_report;
end
$$;

comment on function retail.maintain() is $comment$
Do the hourly upkeep of the shop for mcp.maintain(): close the days that are over, and tune the vector index when it
is due (retail.check_embedding_index) and can be done within the time of a call: of 50,000 vectors at most.

@returns {"closed_days": how many, over all stores, "index": what retail.tune_embedding_index() said, or that it is due;
absent while it is not}.
$comment$;

alter function retail.maintain() owner to zava_owner;
revoke all on function retail.maintain() from public;
grant execute on function retail.maintain() to mcp_core;

select mcp_catalog.register_hook('maintain', 'retail.maintain()');
