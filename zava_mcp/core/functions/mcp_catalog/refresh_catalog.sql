create or replace function mcp_catalog.refresh_catalog()
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count integer;
    v_digest text;
    v_function oid;
    v_refusal mcp_catalog.catalog_refusal;
begin
    -- one refresh at a time; readers keep the catalogue of before until the commit
    perform from mcp_catalog.catalog_state for update;
    delete from mcp_catalog.tools;
    delete from mcp_catalog.tool_words;
    delete from mcp_catalog.tool_passages;
    delete from mcp_catalog.resources;
    delete from mcp_catalog.prompts;
    delete from mcp_catalog.completions;
    delete from mcp_catalog.skills;
    delete from mcp_catalog.catalog_refusal;

    insert into mcp_catalog.catalog_refusal (function, reason)
    select distinct p.oid::regprocedure::text, r.reason
    from mcp_catalog.exposed_functions() as p (oid)
    cross join lateral mcp_catalog.refusals(p.oid) as r (reason);
    insert into mcp_catalog.catalog_refusal (function, reason)
    select
        format('column %s.%I', m.relation::regclass, m.column_name),
        m.problem
    from mcp_catalog.column_masks() as m
    where m.problem is not null;
    for v_function in
        select p.oid
        from mcp_catalog.exposed_functions() as p (oid)
        where p.oid::regprocedure::text not in (select r.function from mcp_catalog.catalog_refusal as r)
    loop
        begin
            perform mcp_catalog.add_to_catalog(v_function);
        exception
            -- one bad comment must not take the other tools away
            when others then
                insert into mcp_catalog.catalog_refusal (function, reason)
                values (v_function::regprocedure, format('it cannot be described: %s', sqlerrm));
        end;
    end loop;
    perform mcp_catalog.refresh_terms();
    for v_refusal in select r.* from mcp_catalog.catalog_refusal as r order by r.function, r.reason loop
        raise warning using
            message = format('%s is not offered: %s', v_refusal.function, v_refusal.reason);
    end loop;
    perform mcp_catalog.index_words();
    perform mcp_catalog.index_passages();
    perform mcp_catalog.refresh_tool_vectors();
    select count(*) into v_count from mcp_catalog.tools;

    -- who may execute what is part of what clients see
    select encode(sha256(convert_to(
        coalesce(string_agg(concat_ws(' ', o.entry, p.proacl), E'\n' order by o.entry), ''), 'UTF8'
    )), 'hex')
    into v_digest
    from (
        select t.function, t::text from mcp_catalog.tools as t
        union all
        select r.function, r::text from mcp_catalog.resources as r
        union all
        select p.function, p::text from mcp_catalog.prompts as p
        union all
        select c.function, c::text from mcp_catalog.completions as c
        union all
        select s.function, s::text from mcp_catalog.skills as s
        union all
        select null, t::text from mcp_catalog.terms as t
    ) as o (function, entry)
    left join pg_proc as p on p.oid = to_regprocedure(o.function);
    update mcp_catalog.catalog_state set is_stale = false, digest = v_digest, refreshed_at = now();
    perform pg_notify('mcp_catalog', v_digest);
    return v_count;
end
$$;

comment on function mcp_catalog.refresh_catalog() is $comment$
Build the catalogue of tools, resources, prompts, skills and completions again, from the functions, types and comments as they are
now, and the vocabulary from its hook.

A function that cannot be a good one becomes rows of mcp_catalog.catalog_refusal, and a WARNING. Listeners on the channel
mcp_catalog are told at the commit.

@returns How many tools there are.
$comment$;

alter function mcp_catalog.refresh_catalog() owner to mcp_core;
revoke all on function mcp_catalog.refresh_catalog() from public;
