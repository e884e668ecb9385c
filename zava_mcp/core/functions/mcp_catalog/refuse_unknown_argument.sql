create or replace function mcp_catalog.refuse_unknown_argument(
    name text, parameters mcp_catalog.parameter[]
)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_names text := (select string_agg(distinct p.client_name, ', ') from unnest(parameters) as p);
begin
    raise invalid_parameter_value using
        message = format('unknown argument: %s', mcp_catalog.visible(left(name, 100))),
        hint = coalesce('The arguments are: ' || v_names || '.', 'This tool takes no arguments.'),
        column = mcp_catalog.visible(left(name, 60)),
        constraint = 'a known argument';
end
$$;

comment on function mcp_catalog.refuse_unknown_argument(text, mcp_catalog.parameter[]) is $comment$
Refuse an argument that a tool does not have, and name those it has.

@param name        The argument that was sent.
@param parameters  The tool's parameters.
@error VALIDATION_ERROR Always.
$comment$;

alter function mcp_catalog.refuse_unknown_argument(text, mcp_catalog.parameter[]) owner to mcp_core;
revoke all on function mcp_catalog.refuse_unknown_argument(text, mcp_catalog.parameter[])
from public;
