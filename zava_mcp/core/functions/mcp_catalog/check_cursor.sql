create or replace function mcp_catalog.check_cursor(cursor text)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    if cursor !~ '^([0-9a-f]{2}){1,128}$' then
        raise invalid_parameter_value using
            message = 'unknown cursor',
            hint = 'Send the nextCursor of the previous page unchanged.',
            column = 'cursor',
            constraint = 'cursor';
    end if;
end
$$;

comment on function mcp_catalog.check_cursor(text) is $comment$
Refuse a cursor that no list returned.

@param cursor  What the client sent; null is none.
@error VALIDATION_ERROR It is no cursor.
$comment$;

alter function mcp_catalog.check_cursor(text) owner to mcp_core;
revoke all on function mcp_catalog.check_cursor(text) from public;
