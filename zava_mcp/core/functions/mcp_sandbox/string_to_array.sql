create or replace function mcp_sandbox.string_to_array(value text, delimiter text)
returns text[]
language plpgsql
immutable
called on null input
parallel safe
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if octet_length(value)::bigint * octet_length(delimiter) > 100000000 then
        raise program_limit_exceeded using
            message = 'string_to_array() takes texts whose lengths multiply to at most 100000000 bytes here',
            hint = 'Pass shorter texts.';
    end if;
    return pg_catalog.string_to_array(value, delimiter);
end
$$;

comment on function mcp_sandbox.string_to_array(text, text) is $comment$
Replace the built-in string_to_array for SQL of clients; refuse arguments that are too long.

@param value      A text.
@param delimiter  What divides it; null divides it into characters.
@returns Its parts.
@error VALIDATION_ERROR The arguments are too long for it.
$comment$;

alter function mcp_sandbox.string_to_array(text, text) owner to mcp_tools;
revoke all on function mcp_sandbox.string_to_array(text, text) from public;
grant execute on function mcp_sandbox.string_to_array(text, text) to mcp_sandbox;
