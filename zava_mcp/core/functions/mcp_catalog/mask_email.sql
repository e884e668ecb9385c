create or replace function mcp_catalog.mask_email(value text)
returns text
language sql
immutable
strict
parallel safe
-- where the database is locked down, who reads the view may not execute what this uses
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case
            when mask_email.value like '__%@_%'
                then
                    left(mask_email.value, 1) || '***' || substring(mask_email.value from '@[^@]*$')
            else '***'
        end;
end;

comment on function mcp_catalog.mask_email(text) is $comment$
Mask an address: return its first letter and its domain, as in a***@example.com.

@param value  A value of the column.
@returns a***@example.com; *** alone of what is no address, or has one letter before the @.
$comment$;

alter function mcp_catalog.mask_email(text) owner to mcp_core;
revoke all on function mcp_catalog.mask_email(text) from public;
-- a view runs functions as its reader; neither role can name one of this schema
grant execute on function mcp_catalog.mask_email(text) to mcp_tools, mcp_sandbox;
