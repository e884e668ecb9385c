create or replace function mcp_sandbox.split_part(value text, delimiter text, part integer)
returns text
language plpgsql
immutable
strict
parallel safe
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if octet_length(value)::bigint * octet_length(delimiter) > 100000000 then
        raise program_limit_exceeded using
            message = 'split_part() takes texts whose lengths multiply to at most 100000000 bytes here',
            hint = 'Pass shorter texts.';
    end if;
    return pg_catalog.split_part(value, delimiter, part);
end
$$;

comment on function mcp_sandbox.split_part(text, text, integer) is $comment$
Replace the built-in split_part for SQL of clients; refuse arguments that are too long.

@param value      A text.
@param delimiter  What divides it.
@param part       Which part, from 1; negative from the end.
@returns The part.
@error VALIDATION_ERROR The arguments are too long for it.
$comment$;

alter function mcp_sandbox.split_part(text, text, integer) owner to mcp_tools;
revoke all on function mcp_sandbox.split_part(text, text, integer) from public;
grant execute on function mcp_sandbox.split_part(text, text, integer) to mcp_sandbox;
