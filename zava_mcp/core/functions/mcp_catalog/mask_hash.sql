create or replace function mcp_catalog.mask_hash(value text)
returns text
language sql
stable
strict
parallel restricted
-- the key must stay here: of a plain hash a caller finds the value by trying
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select left(mcp_auth.sign('mask', mask_hash.value), 32);
end;

comment on function mcp_catalog.mask_hash(text) is $comment$
Mask a text: return the beginning of an HMAC-SHA256 with a key of this database, so that equal values stay equal, and
nobody who has no access to the key tries values.

@param value  A value of the column.
@returns 32 hexadecimal digits.
$comment$;

alter function mcp_catalog.mask_hash(text) owner to mcp_core;
revoke all on function mcp_catalog.mask_hash(text) from public;
-- a view runs functions as its reader; neither role can name one of this schema
grant execute on function mcp_catalog.mask_hash(text) to mcp_tools, mcp_sandbox;
