create or replace function mcp_sandbox.array_to_string(value anyarray, delimiter text)
returns text
language plpgsql
stable
strict
parallel safe
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if cardinality(value)::bigint * octet_length(delimiter) > 1000000 then
        raise program_limit_exceeded using
            message = 'array_to_string() puts at most 1000000 bytes of delimiters between elements here',
            hint = 'Pass a shorter delimiter, or fewer elements.';
    end if;
    return pg_catalog.array_to_string(value, delimiter);
end
$$;

comment on function mcp_sandbox.array_to_string(anyarray, text) is $comment$
Replace the built-in array_to_string for SQL of clients; refuse arguments that are too long.

@param value      An array.
@param delimiter  What goes between its elements.
@returns One text.
@error VALIDATION_ERROR The arguments are too long for it.
$comment$;

alter function mcp_sandbox.array_to_string(anyarray, text) owner to mcp_tools;
revoke all on function mcp_sandbox.array_to_string(anyarray, text) from public;
grant execute on function mcp_sandbox.array_to_string(anyarray, text) to mcp_sandbox;
