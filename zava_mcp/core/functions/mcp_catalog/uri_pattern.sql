create or replace function mcp_catalog.uri_pattern(template text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        '^' || regexp_replace(
            regexp_replace(uri_pattern.template, '([.\\+*?()|^$\[\]])', '\\\1', 'g'),
            '\{[^{}]*\}', '([^/?#]+)', 'g'
        ) || '$';
end;

comment on function mcp_catalog.uri_pattern(text) is $comment$
Return the regular expression of what a URI template answers: a variable is one or more characters other than / ? #.

@param template  The template, or a part of one between slashes.
@returns The expression, with one group a variable.
$comment$;

alter function mcp_catalog.uri_pattern(text) owner to mcp_core;
revoke all on function mcp_catalog.uri_pattern(text) from public;
