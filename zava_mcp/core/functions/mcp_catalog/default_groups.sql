create or replace function mcp_catalog.default_groups(audience name)
returns text []
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    -- '' for the tools without a group
    select nullif(array_agg(g.name) || ''::text, array['']::text [])
    from mcp_catalog.settings as s
    cross join lateral jsonb_array_elements_text(s.value) as g (name)
    where
        s.name = 'default_groups'
        and (
            select count(*)
            from mcp_catalog.tools as t
            where has_function_privilege(
                default_groups.audience, to_regprocedure(t.function), 'execute'
            )
        ) > (select a.value::integer from mcp_catalog.settings as a where a.name = 'search_above');
end;

comment on function mcp_catalog.default_groups(name) is $comment$
Return the default groups of an audience: those of the setting default_groups, and the tools without a group, if it has
more tools than the setting search_above.

@param audience  The audience.
@returns Names of groups, and an empty one; null for all tools.
$comment$;

alter function mcp_catalog.default_groups(name) owner to mcp_core;
revoke all on function mcp_catalog.default_groups(name) from public;
