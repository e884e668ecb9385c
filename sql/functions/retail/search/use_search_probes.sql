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
        -- go on scanning until enough rows passed the filters; beyond a twentieth of the lists they are
        -- elsewhere, and retail.products_by_meaning looks for them another way
        set_config('ivfflat.iterative_scan', 'relaxed_order', true),
        set_config('ivfflat.max_probes', greatest(m.probes, ceil(m.lists / 20.0))::text, true)
    from retail.embedding_models as m
    where m.is_active and m.method = 'ivfflat';
end
$$;

comment on function retail.use_search_probes() is $comment$
Set, for this transaction, how many lists of the ivfflat index a search visits: what was measured for the active
model. Where searches are exact there is nothing to set.
$comment$;

alter function retail.use_search_probes() owner to zava_owner;
revoke all on function retail.use_search_probes() from public;
grant execute on function retail.use_search_probes() to mcp_tools;
