create or replace function retail.use_search_probes()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform
        set_config('ivfflat.probes', m.probes::text, true),
        -- go on scanning until enough rows passed the filters
        set_config('ivfflat.iterative_scan', 'relaxed_order', true)
    from retail.embedding_models as m
    where m.is_active;
end
$$;

comment on function retail.use_search_probes() is $comment$
Set, for this transaction, how many lists of the ivfflat index a search visits: what was stored for the active model.
$comment$;

alter function retail.use_search_probes() owner to zava_owner;
revoke all on function retail.use_search_probes() from public;
grant execute on function retail.use_search_probes() to zava_tools;
