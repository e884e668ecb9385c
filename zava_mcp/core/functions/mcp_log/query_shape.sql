create or replace function mcp_log.query_shape(query text)
returns text
language plpgsql
immutable
strict
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_shape text := lower(query);
    v_rule text[];
begin
    foreach v_rule slice 1 in array array[
        -- texts: between dollars, with escapes, plain
        [E'\\$(\\w*?)\\$.*?\\$\\1\\$', '?'],
        [E'e''(?:[^''\\\\]|\\\\.|'''')*''', '?'],
        [E'[bxn]?''(?:[^'']|'''')*''', '?'],
        [E'--[^\n]*', ' '],
        [E'/\\*.*?\\*/', ' '],
        [E'(?<![\\w"])(?:\\d[\\d_]*\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?', '?'],
        -- lists of values, however long
        [E'\\?(?:\\s*,\\s*\\?)+', '?'],
        [E'\\s+', ' ']
    ] loop
        v_shape := regexp_replace(v_shape, v_rule[1], v_rule[2], 'g');
    end loop;
    return left(btrim(v_shape, ' ;'), 1000);
end
$$;

comment on function mcp_log.query_shape(text) is $comment$
Return the shape of a query: lower case, one blank between words, no comments, and ? in place of each text, number and
list of them.

@param query  A query; it need not be one that runs.
@returns The shape, cut to 1000 characters; null for null.
$comment$;

alter function mcp_log.query_shape(text) owner to mcp_core;
revoke all on function mcp_log.query_shape(text) from public;
