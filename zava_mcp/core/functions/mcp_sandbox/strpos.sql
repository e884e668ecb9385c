create or replace function mcp_sandbox.strpos(value text, part text)
returns integer
language plpgsql
immutable
strict
parallel safe
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if octet_length(value)::bigint * octet_length(part) > 100000000 then
        raise program_limit_exceeded using
            message = 'strpos() takes texts whose lengths multiply to at most 100000000 bytes here',
            hint = 'Pass shorter texts.';
    end if;
    return pg_catalog.strpos(value, part);
end
$$;

comment on function mcp_sandbox.strpos(text, text) is $comment$
Replace the built-in strpos for SQL of clients; refuse arguments that are too long.

@param value  Text to look in.
@param part   What to look for.
@returns Its place, 0 for none.
@error VALIDATION_ERROR The arguments are too long for it.
$comment$;

alter function mcp_sandbox.strpos(text, text) owner to mcp_tools;
revoke all on function mcp_sandbox.strpos(text, text) from public;
grant execute on function mcp_sandbox.strpos(text, text) to mcp_sandbox;
