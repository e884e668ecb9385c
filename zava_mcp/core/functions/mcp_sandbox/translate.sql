create or replace function mcp_sandbox.translate(value text, letters text, substitutes text)
returns text
language plpgsql
immutable
strict
parallel safe
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if octet_length(value)::bigint * octet_length(letters) > 100000000 then
        raise program_limit_exceeded using
            message = 'translate() takes texts whose lengths multiply to at most 100000000 bytes here',
            hint = 'Pass shorter texts.';
    end if;
    return pg_catalog.translate(value, letters, substitutes);
end
$$;

comment on function mcp_sandbox.translate(text, text, text) is $comment$
Replace the built-in translate for SQL of clients; refuse arguments that are too long.

@param value        A text.
@param letters      Characters to replace.
@param substitutes  By which.
@returns The text.
@error VALIDATION_ERROR The arguments are too long for it.
$comment$;

alter function mcp_sandbox.translate(text, text, text) owner to mcp_tools;
revoke all on function mcp_sandbox.translate(text, text, text) from public;
grant execute on function mcp_sandbox.translate(text, text, text) to mcp_sandbox;
