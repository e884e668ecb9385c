create or replace function mcp_catalog.export_refusals(function oid)
returns setof text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function pg_proc;
    v_formats text[] := string_to_array(
        mcp_catalog.parse_comment(obj_description(function, 'pg_proc')) -> 'tags' ->> 'export', ','
    );
begin
    if v_formats is null then
        return;
    end if;
    select p.* into strict v_function from pg_proc as p where p.oid = export_refusals.function;
    if not (v_formats <@ array['csv', 'jsonl', 'parquet'] and v_formats <> '{}') then
        return next '@tool export must be csv, jsonl or parquet, or some with commas, or be left out';
    end if;
    if not v_function.proretset and (mcp_catalog.base_type(v_function.prorettype)).oid <> 'mcp_tool.query_result'::regtype then
        return next '@tool export is of tools that return rows: return a set or mcp_tool.query_result';
    end if;
    if v_function.provolatile = 'v' then
        return next '@tool export is of tools that only read: make it STABLE';
    end if;
    if exists (
        select from unnest(mcp_catalog.tool_parameters(function)) as p where p.client_name = 'export'
    ) then
        return next 'argument export is the one that @tool export adds: rename it';
    end if;
end
$$;

comment on function mcp_catalog.export_refusals(oid) is $comment$
Why the result of a function cannot be exported as its comment says.

@param function  The function.
@returns One sentence a reason, each with what to change.
$comment$;

alter function mcp_catalog.export_refusals(oid) owner to mcp_core;
revoke all on function mcp_catalog.export_refusals(oid) from public;
