create or replace function mcp_tool.invalid(field text, requirement text)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    raise invalid_parameter_value using
        message = format('%s must be %s', field, requirement),
        column = field,
        constraint = requirement;
end
$$;

comment on function mcp_tool.invalid(text, text) is $comment$
Refuse an argument: the client gets a VALIDATION_ERROR that names it.

@param field        The argument's name.
@param requirement  What it must be, to follow "must be".
@error VALIDATION_ERROR Always.
$comment$;

alter function mcp_tool.invalid(text, text) owner to mcp_tools;
revoke all on function mcp_tool.invalid(text, text) from public;
grant execute on function mcp_tool.invalid(text, text) to mcp_core, mcp_tools;
