create or replace function mcp_catalog.register_hook(hook text, function regprocedure)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_expected text := case hook
        when 'scope' then 'name, text[] returns text[]'
        when 'pending_embeddings' then 'text, integer returns jsonb'
        when 'store_embeddings' then 'text, jsonb, real[] returns integer'
        when 'finish_embeddings' then 'text returns jsonb'
        when 'maintain' then 'none returns jsonb'
        when 'terms' then 'none returns mcp_tool.term'
    end;
    v_found text;
begin
    if v_expected is null then
        perform mcp_tool.invalid('hook', 'scope, pending_embeddings, store_embeddings, finish_embeddings, maintain or terms');
    end if;
    select coalesce(nullif(oidvectortypes(p.proargtypes), ''), 'none') || ' returns ' || format_type(p.prorettype, null)
    into v_found
    from pg_proc as p
    where p.oid = register_hook.function;
    if v_found is distinct from v_expected then
        perform mcp_tool.invalid('function', format('one with arguments %s', v_expected));
    end if;
    if not has_function_privilege('mcp_core', register_hook.function, 'execute') then
        perform mcp_tool.invalid('function', 'executable by mcp_core');
    end if;
    insert into mcp_catalog.hooks as h (hook, function, owner)
    select register_hook.hook, register_hook.function::text, p.proowner
    from pg_proc as p
    where p.oid = register_hook.function
    on conflict on constraint hooks_pkey do update set function = excluded.function, owner = excluded.owner;
end
$$;

comment on function mcp_catalog.register_hook(text, regprocedure) is $comment$
Register the application's function for a hook of the core.

scope(audience name, granted text[]) returns text[]: the rows a user may see. It is also asked, with nulls, for a
credential that is refused, so that this takes no less time. pending_embeddings(model text, batch integer) returns
jsonb, store_embeddings(model text, items jsonb, vectors real[]) returns integer, finish_embeddings(model text) returns
jsonb: what mcp.pending_embeddings and its sisters pass on. maintain() returns jsonb: what the application needs
hourly, with mcp.maintain; what it returns is for the log. terms() returns setof mcp_tool.term: the vocabulary, which
mcp_catalog.refresh_terms takes into the catalogue.

@param hook      scope, pending_embeddings, store_embeddings, finish_embeddings, maintain or terms.
@param function  The function; mcp_core must be allowed to execute it.
@error VALIDATION_ERROR The hook is unknown, or the function has other arguments or is not executable.
$comment$;

alter function mcp_catalog.register_hook(text, regprocedure) owner to mcp_core;
revoke all on function mcp_catalog.register_hook(text, regprocedure) from public;
