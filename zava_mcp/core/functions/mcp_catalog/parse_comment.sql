create or replace function mcp_catalog.parse_comment(comment text)
returns jsonb
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- everything before the first line that starts with @
    v_prose text := btrim(regexp_replace(replace(coalesce(comment, ''), E'\r\n', E'\n'), '(^|\n)@.*$', ''), E' \n\t');
    v_params jsonb := '{}';
    v_kinds jsonb := '{}';
    v_completes jsonb := '[]';
    v_schema text;
    v_returns text;
    v_errors jsonb := '[]';
    v_ui jsonb := '[]';
    v_examples jsonb := '[]';
    v_unknown text[] := '{}';
    v_block text;
    v_part text[];
begin
    for v_block in
        select regexp_split_to_table(substring(replace(comment, E'\r\n', E'\n') from '(?:^|\n)(@.*)$'), '\n(?=@)')
    loop
        v_part := regexp_match(btrim(regexp_replace(v_block, '\s+', ' ', 'g')), '^@(\w+) ?(.*)$');
        case v_part[1]
            when 'param' then
                v_part := regexp_match(v_part[2], '^(\S+) ?(.*)$');
                v_params := v_params || jsonb_build_object(coalesce(v_part[1], ''), coalesce(v_part[2], ''));
            when 'returns' then
                v_returns := v_part[2];
            when 'error' then
                v_part := regexp_match(v_part[2], '^(\S+) ?(.*)$');
                v_errors := v_errors || jsonb_build_object('code', v_part[1], 'text', v_part[2]);
            when 'tool', 'resource', 'prompt', 'skill' then
                v_kinds := v_kinds || jsonb_build_object(v_part[1], coalesce(v_kinds -> v_part[1], '{}') || coalesce((
                    select jsonb_object_agg(t.tag[1], coalesce(btrim(t.tag[2], '"'), 'true'))
                    from regexp_matches(v_part[2], '(\w+)(?:=("[^"]*"|\S+))?', 'g') as t (tag)
                ), '{}'));
            when 'completes' then
                v_kinds := v_kinds || '{"completes": {}}';
                v_completes := v_completes || to_jsonb(string_to_array(v_part[2], ' '));
            when 'ui' then
                v_ui := v_ui || to_jsonb(v_part[2]);
            when 'example' then
                v_examples := v_examples || to_jsonb(v_part[2]);
            when 'schema' then
                v_schema := v_part[2];
            else
                v_unknown := v_unknown || coalesce(v_part[1], v_block);
        end case;
    end loop;
    return jsonb_build_object(
        'summary', split_part(v_prose, E'\n', 1),
        -- a line end inside a paragraph is none to a reader; before a list, an indented or an empty line it is
        'prose', regexp_replace(v_prose, '(?<=[^\n\s])\n(?![\s*+#>|`-]|\d+[.)]\s)', ' ', 'g'),
        'params', v_params,
        'returns', v_returns,
        'errors', v_errors,
        'tags', coalesce(v_kinds -> 'tool', '{}'),
        'kinds', v_kinds,
        'completes', v_completes,
        'schema', v_schema,
        'ui', v_ui,
        'examples', v_examples,
        'unknown', to_jsonb(v_unknown)
    );
end
$$;

comment on function mcp_catalog.parse_comment(text) is $comment$
Parse a function's comment: prose, with one line per paragraph, then lines that start with @.

@param comment  The comment; null is an empty one.
@returns {"summary", "prose", "params": {name: text}, "returns", "errors": [{"code", "text"}],
"tags": {name: value} of @tool, "kinds": {tool, resource, prompt, skill or completes: its {name: value}}, "completes": [names],
"schema": text, "ui": [what stands after each @ui], "examples": [what stands after each @example], "unknown": [words after @]}.
$comment$;

alter function mcp_catalog.parse_comment(text) owner to mcp_core;
revoke all on function mcp_catalog.parse_comment(text) from public;
