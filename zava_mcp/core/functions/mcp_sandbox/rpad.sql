create or replace function mcp_sandbox.rpad(value text, length integer, fill text default ' ')
returns text
language plpgsql
immutable
strict
parallel safe
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if length > 10000 then
        raise program_limit_exceeded using
            message = 'rpad() makes at most 10000 characters here',
            hint = 'Pad to a smaller length.';
    end if;
    return pg_catalog.rpad(value, length, fill);
end
$$;

comment on function mcp_sandbox.rpad(text, integer, text) is $comment$
Replace the built-in rpad for SQL of clients; refuse arguments that are too long.

@param value   Text to pad on the right.
@param length  Characters of the result.
@param fill    What to pad with.
@returns At most 10,000 characters.
@error VALIDATION_ERROR It would be longer.
$comment$;

alter function mcp_sandbox.rpad(text, integer, text) owner to mcp_tools;
revoke all on function mcp_sandbox.rpad(text, integer, text) from public;
grant execute on function mcp_sandbox.rpad(text, integer, text) to mcp_sandbox;
