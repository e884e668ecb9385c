create or replace function mcp_catalog.refresh_terms()
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- none while a rollback has dropped the function
    v_hook regproc := (
        select p.oid
        from mcp_catalog.hooks as h
        join pg_proc as p on p.oid = to_regprocedure(h.function) and p.proowner = h.owner
        where h.hook = 'terms'
    );
    v_term mcp_tool.term;
    v_relation regclass;
    v_problem text;
begin
    delete from mcp_catalog.terms;
    if v_hook is null then
        return;
    end if;
    for v_term in execute format('select t.* from %s() as t', v_hook) loop
        v_relation := (
            select c.oid
            from pg_class as c
            where c.oid = to_regclass(v_term.subject)
                and c.relkind in ('r', 'p', 'v', 'm', 'f')
                and has_any_column_privilege('mcp_sandbox', c.oid, 'select')
        );
        v_problem := case
            when coalesce(length(btrim(v_term.word)), 0) not between 1 and 100 then 'its word must have 1 to 100 characters'
            when coalesce(btrim(v_term.meaning), '') = '' then 'it has no meaning: write what the word means here'
            when mcp_catalog.has_hidden_characters(concat_ws(' ', v_term.word, v_term.meaning, v_term.subject, v_term.query))
                then 'it has control, bidi or invisible characters: remove them'
            when v_relation is null and not exists (select from mcp_catalog.tools as t where t.name = v_term.subject)
                then format('%s is no tool, and no table that free queries read: name one of them', coalesce(v_term.subject, 'null'))
            when exists (select from mcp_catalog.terms as t where t.word = v_term.word and t.subject = v_term.subject)
                then format('there are two of %s: remove one', v_term.subject)
            else 'its query does not run: ' || mcp_catalog.query_fault(v_term.query)
        end;
        if v_problem is null then
            insert into mcp_catalog.terms (word, meaning, subject, relation, query)
            values (v_term.word, v_term.meaning, v_term.subject, v_relation, v_term.query);
        else
            insert into mcp_catalog.catalog_refusal (function, reason)
            values (format('term %s', coalesce(v_term.word, 'null')), v_problem)
            on conflict do nothing;
        end if;
    end loop;
end
$$;

comment on function mcp_catalog.refresh_terms() is $comment$
Build the vocabulary again from what the hook terms gives. What cannot be offered becomes rows of
mcp_catalog.catalog_refusal: no meaning, a subject that is neither a tool nor a table that free queries read, a query that does not run.
$comment$;

alter function mcp_catalog.refresh_terms() owner to mcp_core;
revoke all on function mcp_catalog.refresh_terms() from public;
