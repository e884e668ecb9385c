create or replace function mcp_catalog.mask_last4(value text)
returns text
language sql
immutable
strict
parallel safe
-- where the database is locked down, who reads the view may not execute what this uses
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    -- of a short value the last four characters are most of it
    select
        case
            when length(mask_last4.value) < 8 then '****' else '****' || right(mask_last4.value, 4)
        end;
end;

comment on function mcp_catalog.mask_last4(text) is $comment$
Mask a text: return its last four characters, as in ****1234.

@param value  A value of the column.
@returns **** and the last four characters; **** alone of a value shorter than 8 characters.
$comment$;

alter function mcp_catalog.mask_last4(text) owner to mcp_core;
revoke all on function mcp_catalog.mask_last4(text) from public;
-- a view runs functions as its reader; neither role can name one of this schema
grant execute on function mcp_catalog.mask_last4(text) to mcp_tools, mcp_sandbox;
