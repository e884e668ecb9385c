create or replace function mcp_catalog.export_format(tool mcp_catalog.tools, arguments jsonb)
returns text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_format jsonb := arguments -> 'export';
begin
    -- clients fill in every field
    if tool.exports is null or v_format is null or v_format in ('null', '""') then
        return null;
    end if;
    if v_format <> all (select to_jsonb(e.format) from unnest(tool.exports) as e (format)) then
        perform mcp_tool.invalid('export', array_to_string(tool.exports, ' or '));
    end if;
    return v_format #>> '{}';
end
$$;

comment on function mcp_catalog.export_format(mcp_catalog.tools, jsonb) is $comment$
Say in which format a call wants its whole result as a file.

@param tool       The catalogue's row.
@param arguments  What the client sent.
@returns csv, jsonl or parquet; null where it wants none, or the tool has none.
@error VALIDATION_ERROR The tool has no such format.
$comment$;

alter function mcp_catalog.export_format(mcp_catalog.tools, jsonb) owner to mcp_core;
revoke all on function mcp_catalog.export_format(mcp_catalog.tools, jsonb) from public;
