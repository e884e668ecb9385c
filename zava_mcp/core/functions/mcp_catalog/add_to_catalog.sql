create or replace function mcp_catalog.add_to_catalog(function oid)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tool mcp_catalog.tools := mcp_catalog.describe_tool(function);
    v_comment jsonb := mcp_catalog.parse_comment(obj_description(function, 'pg_proc'));
    v_kinds jsonb := v_comment -> 'kinds';
    v_row jsonb := to_jsonb(v_tool);
begin
    if v_kinds ? 'resource' then
        v_row := v_row || jsonb_build_object(
            'title', coalesce(v_kinds -> 'resource' ->> 'title', v_tool.title),
            'uri', v_kinds -> 'resource' ->> 'uri',
            'pattern', mcp_catalog.uri_pattern(v_kinds -> 'resource' ->> 'uri'),
            'mime_type', coalesce(v_kinds -> 'resource' ->> 'mime', (
                select case
                    when p.proretset or b.typcategory not in ('S', 'U') or b.typname in ('json', 'jsonb')
                        then 'application/json'
                    when b.typname = 'bytea' then 'application/octet-stream'
                    else 'text/plain'
                end
                from pg_proc as p
                cross join mcp_catalog.base_type(p.prorettype) as b
                where p.oid = add_to_catalog.function
            ))
        );
        insert into mcp_catalog.resources select r.* from jsonb_populate_record(null::mcp_catalog.resources, v_row) as r;
    elsif v_kinds ? 'prompt' then
        v_row := v_row || jsonb_build_object('title', coalesce(v_kinds -> 'prompt' ->> 'title', v_tool.title));
        insert into mcp_catalog.prompts select r.* from jsonb_populate_record(null::mcp_catalog.prompts, v_row) as r;
    elsif v_kinds ? 'skill' then
        perform mcp_catalog.add_skill(function, coalesce(v_kinds -> 'skill' ->> 'title', v_tool.title), v_tool.description);
    elsif v_kinds ? 'completes' then
        v_row := v_row || jsonb_build_object('completes', v_comment -> 'completes');
        insert into mcp_catalog.completions select r.* from jsonb_populate_record(null::mcp_catalog.completions, v_row) as r;
    else
        insert into mcp_catalog.tools select v_tool.*;
    end if;
end
$$;

comment on function mcp_catalog.add_to_catalog(oid) is $comment$
Add a function without refusals to the catalogue, as the kind that its comment says.

@param function  The function.
$comment$;

alter function mcp_catalog.add_to_catalog(oid) owner to mcp_core;
revoke all on function mcp_catalog.add_to_catalog(oid) from public;
