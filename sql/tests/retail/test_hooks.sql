-- What Zava Retail answers for the core: its hooks.
begin;
set local search_path = tests, ext, public;
select plan(7);

select
    is(
        mcp_catalog.hook(h.hook)::oid::regprocedure::text,
        h.function,
        format('registered: %s', h.hook)
    )
from (
    values
    ('scope', 'retail.scope_of(name,text[])'),
    ('pending_embeddings', 'retail.pending_embeddings(text,integer)'),
    ('store_embeddings', 'retail.store_embeddings(text,jsonb,real[])'),
    ('finish_embeddings', 'retail.finish_embeddings(text)'),
    ('maintain', 'retail.maintain()')
) as h (hook, function);

-- a context that was tampered with is nobody's
select set_config('app.current_rls_user_id', 'x', true);
select
    throws_ok(
        format('select %s()', f.name),
        '42501',
        'invalid request context',
        format('refused: %s', f.name)
    )
from unnest(array['retail.get_user_store_list', 'retail.get_current_user_store']) as f (name);

select finish();
rollback;
