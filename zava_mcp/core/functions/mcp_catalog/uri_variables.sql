create or replace function mcp_catalog.uri_variables(template text)
returns text []
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(array_agg(m.variable[1] order by m.position), '{}')
    from
        regexp_matches(uri_variables.template, '\{([^{}]*)\}', 'g')
        with ordinality as m (variable, position);
end;

comment on function mcp_catalog.uri_variables(text) is $comment$
Return the variables of a URI template, in order.

@param template  scheme://path, with {variable}s.
@returns Their names; empty when it is an address as it stands.
$comment$;

alter function mcp_catalog.uri_variables(text) owner to mcp_core;
revoke all on function mcp_catalog.uri_variables(text) from public;
