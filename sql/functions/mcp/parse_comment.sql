create or replace function mcp.parse_comment(comment text)
returns jsonb
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- everything before the first line that starts with @
    v_prose text := btrim(regexp_replace(coalesce(comment, ''), '(^|\n)@.*$', ''), E' \n\t');
    v_params jsonb := '{}';
    v_tags jsonb := '{}';
    v_returns text;
    v_errors jsonb := '[]';
    v_unknown text[] := '{}';
    v_block text;
    v_part text[];
begin
    for v_block in
        select regexp_split_to_table(substring(comment from '(?:^|\n)(@.*)$'), '\n(?=@)')
    loop
        v_part := regexp_match(btrim(regexp_replace(v_block, '\s+', ' ', 'g')), '^@(\w+) ?(.*)$');
        case v_part[1]
            when 'param' then
                v_part := regexp_match(v_part[2], '^(\w+) ?(.*)$');
                v_params := v_params || jsonb_build_object(coalesce(v_part[1], ''), coalesce(v_part[2], ''));
            when 'returns' then
                v_returns := v_part[2];
            when 'error' then
                v_part := regexp_match(v_part[2], '^(\S+) ?(.*)$');
                v_errors := v_errors || jsonb_build_object('code', v_part[1], 'text', v_part[2]);
            when 'tool' then
                v_tags := v_tags || coalesce((
                    select jsonb_object_agg(t.tag[1], coalesce(btrim(t.tag[2], '"'), 'true'))
                    from regexp_matches(v_part[2], '(\w+)(?:=("[^"]*"|\S+))?', 'g') as t (tag)
                ), '{}');
            else
                v_unknown := v_unknown || coalesce(v_part[1], v_block);
        end case;
    end loop;
    return jsonb_build_object(
        'summary', split_part(v_prose, E'\n', 1),
        'prose', v_prose,
        'params', v_params,
        'returns', v_returns,
        'errors', v_errors,
        'tags', v_tags,
        'unknown', to_jsonb(v_unknown)
    );
end
$$;

comment on function mcp.parse_comment(text) is $comment$
Take a function's comment apart: prose, then lines that start with @.

@param comment  The comment; null is an empty one.
@returns {"summary", "prose", "params": {name: text}, "returns", "errors": [{"code", "text"}],
"tags": {name: value}, "unknown": [words after @]}.
$comment$;

alter function mcp.parse_comment(text) owner to zava_auth;
revoke all on function mcp.parse_comment(text) from public;
