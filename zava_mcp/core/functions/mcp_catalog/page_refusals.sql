create or replace function mcp_catalog.page_refusals(function oid)
returns setof text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function pg_proc;
    v_key text[] := string_to_array(
        mcp_catalog.parse_comment(obj_description(function, 'pg_proc')) -> 'tags' ->> 'page_key', ','
    );
    v_parameters mcp_catalog.parameter[];
begin
    select p.* into strict v_function from pg_proc as p where p.oid = page_refusals.function;
    if v_key is null and not v_function.proargtypes::oid[] && array['mcp_tool.page_size', 'mcp_tool.cursor']::regtype[]::oid[] then
        return;
    end if;
    v_parameters := mcp_catalog.tool_parameters(function);
    if not exists (
        select
        from unnest(v_parameters) as p
        where p.name = 'cursor' and p.type_name = 'mcp_tool.cursor' and p.is_nullable
    ) then
        return next 'it gives pages: add the argument cursor mcp_tool.cursor default null';
    end if;
    if not exists (
        select
        from unnest(v_parameters) as p
        where p.name = 'page_size' and p.type_name = 'mcp_tool.page_size' and p.schema ? 'default'
    ) then
        return next 'it gives pages: add the argument page_size mcp_tool.page_size with a number as its default';
    end if;
    if not v_function.proretset then
        return next 'it gives pages: return a set';
    end if;
    if v_key is null then
        return next 'it gives pages: name the columns that order its rows, as in @tool page_key=name,id';
    end if;
    return query
    select format('@tool page_key=%s is no column of the result: name those that order the rows', k.name)
    from unnest(v_key) as k (name)
    where (mcp_catalog.result_schema(function) -> 'properties' ? k.name) is not true;
end
$$;

comment on function mcp_catalog.page_refusals(oid) is $comment$
Return why a paged function cannot be a tool: it needs the arguments page_size and cursor and a @tool page_key.

@param function  The function.
@returns One sentence a reason; no row when it gives no pages or gives them well.
$comment$;

alter function mcp_catalog.page_refusals(oid) owner to mcp_core;
revoke all on function mcp_catalog.page_refusals(oid) from public;
