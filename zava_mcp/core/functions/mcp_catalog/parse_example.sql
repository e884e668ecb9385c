create or replace function mcp_catalog.parse_example(line text)
returns jsonb
language sql
immutable
strict
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        jsonb_build_object(
            'question', p.part[1],
            'tool', p.part[2],
            'arguments', coalesce((
                select
                    jsonb_object_agg(
                        a.part[1],
                        case
                            -- a bare word is a text, as true, 5 and "two words" are JSON
                            when pg_input_is_valid(a.part[2], 'jsonb') then a.part[2]::jsonb
                            else to_jsonb(a.part[2])
                        end
                    )
                from
                    regexp_matches(
                        p.part[3], '(\w+)=("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^\s,"\[\]]+)(?:, ?|$)', 'g'
                    ) as a (part)
            ), '{}')
        )
    from
        regexp_match(
            parse_example.line,
            '^"([^"]+)" -> (\w+)\('
            '((?:\w+=(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^\s,"\[\]]+)(?:, ?(?=\w)|(?=\)$)))*)\)$'
        ) as p (part)
    where p.part is not null;
end;

comment on function mcp_catalog.parse_example(text) is $comment$
Read an @example line of a comment: "a question" -> tool(argument=value, argument="two words"). A value is JSON, but no
object, or a word.

@param line  What stands after @example, as mcp_catalog.parse_comment gives it.
@returns {"question", "tool", "arguments": {argument: value}}; null for a line that cannot be read.
$comment$;

alter function mcp_catalog.parse_example(text) owner to mcp_core;
revoke all on function mcp_catalog.parse_example(text) from public;
