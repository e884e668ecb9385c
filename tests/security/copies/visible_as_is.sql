-- Texts come back with what they hide.
create or replace function mcp_catalog.visible(text text)
returns text
language sql
immutable
strict
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select visible.text;
end;
