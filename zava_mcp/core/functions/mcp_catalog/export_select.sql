create or replace function mcp_catalog.export_select(
    columns jsonb, format text, has_names boolean, source text
)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case
            when export_select.format <> 'jsonl'
                then 'select ' || string_agg(c.item ->> 'sql', ', ' order by c.ordinality)
            when export_select.has_names
                then
                    'select pg_catalog.row_to_json(o)::text from (select '
                    || string_agg(
                        (c.item ->> 'sql') || ' as ' || quote_ident(c.item ->> 'name'), ', '
                        order by c.ordinality
                    )
            else 'select pg_catalog.to_json(' || min(c.item ->> 'sql') || ')::text'
        end
        || ' from ' || export_select.source
        || case
            when export_select.format = 'jsonl' and export_select.has_names then ') as o' else ''
        end
    from jsonb_array_elements(export_select.columns) with ordinality as c (item, ordinality);
end;

comment on function mcp_catalog.export_select(jsonb, text, boolean, text) is $comment$
The statement that gives the rows of an export: a column each, in JSON lines one text.

@param columns    [{"name", "sql"}].
@param format     csv, jsonl or parquet.
@param has_names  Whether a row is an object; else it is its one value.
@param source     What stands after FROM: q with the columns c1, c2 and so on.
@returns One SELECT.
$comment$;

alter function mcp_catalog.export_select(jsonb, text, boolean, text) owner to mcp_core;
revoke all on function mcp_catalog.export_select(jsonb, text, boolean, text) from public;
