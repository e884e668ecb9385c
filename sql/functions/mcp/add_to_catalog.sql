create or replace function mcp.add_to_catalog(function oid)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tool mcp.tools := mcp.describe_tool(function);
    v_comment jsonb := mcp.parse_comment(obj_description(function, 'pg_proc'));
    v_kinds jsonb := v_comment -> 'kinds';
    v_row jsonb := to_jsonb(v_tool);
begin
    if v_kinds ? 'resource' then
        v_row := v_row || jsonb_build_object(
            'title', coalesce(v_kinds -> 'resource' ->> 'title', v_tool.title),
            'uri', v_kinds -> 'resource' ->> 'uri',
            'pattern', mcp.uri_pattern(v_kinds -> 'resource' ->> 'uri'),
            'mime_type', coalesce(v_kinds -> 'resource' ->> 'mime', (
                select case
                    when p.proretset or b.typcategory not in ('S', 'U') or b.typname in ('json', 'jsonb')
                        then 'application/json'
                    when b.typname = 'bytea' then 'application/octet-stream'
                    else 'text/plain'
                end
                from pg_proc as p
                cross join mcp.base_type(p.prorettype) as b
                where p.oid = add_to_catalog.function
            ))
        );
        insert into mcp.resources select r.* from jsonb_populate_record(null::mcp.resources, v_row) as r;
    elsif v_kinds ? 'prompt' then
        v_row := v_row || jsonb_build_object('title', coalesce(v_kinds -> 'prompt' ->> 'title', v_tool.title));
        insert into mcp.prompts select r.* from jsonb_populate_record(null::mcp.prompts, v_row) as r;
    elsif v_kinds ? 'completes' then
        v_row := v_row || jsonb_build_object('completes', v_comment -> 'completes');
        insert into mcp.completions select r.* from jsonb_populate_record(null::mcp.completions, v_row) as r;
    else
        insert into mcp.tools select v_tool.*;
    end if;
end
$$;

comment on function mcp.add_to_catalog(oid) is $comment$
Put a function that mcp.refusals has nothing against into the catalogue, as what its comment says it is.

@param function  The function.
$comment$;

alter function mcp.add_to_catalog(oid) owner to zava_auth;
revoke all on function mcp.add_to_catalog(oid) from public;
