create or replace function mcp_sandbox.repeat(value text, times integer)
returns text
language plpgsql
immutable
strict
parallel safe
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if length(value)::bigint * times > 10000 then
        raise program_limit_exceeded using
            message = 'repeat() makes at most 10000 characters here',
            hint = 'Repeat a shorter text, or less often.';
    end if;
    return pg_catalog.repeat(value, times);
end
$$;

comment on function mcp_sandbox.repeat(text, integer) is $comment$
Replace the built-in repeat for SQL of clients; refuse arguments that are too long.

@param value  Text to repeat.
@param times  How often.
@returns At most 10,000 characters.
@error VALIDATION_ERROR It would be longer.
$comment$;

alter function mcp_sandbox.repeat(text, integer) owner to mcp_tools;
revoke all on function mcp_sandbox.repeat(text, integer) from public;
grant execute on function mcp_sandbox.repeat(text, integer) to mcp_sandbox;
