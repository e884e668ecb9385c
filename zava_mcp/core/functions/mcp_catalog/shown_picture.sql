create or replace function mcp_catalog.shown_picture(picture jsonb, audience name)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        shown_picture.picture || case
            when shown_picture.picture ? 'links'
                then jsonb_build_object('links', coalesce(jsonb_agg(l.link), '[]'))
            else '{}'
        end
    from jsonb_path_query(shown_picture.picture, 'lax $.links[*]') as l (link)
    inner join mcp_catalog.tools as t on t.name = l.link ->> 'tool'
    where has_function_privilege(shown_picture.audience, to_regprocedure(t.function), 'execute');
end;

comment on function mcp_catalog.shown_picture(jsonb, name) is $comment$
Return a picture for an audience: without links to tools that it may not execute.

@param picture   What mcp_catalog.picture gave.
@param audience  The audience.
@returns The picture.
$comment$;

alter function mcp_catalog.shown_picture(jsonb, name) owner to mcp_core;
revoke all on function mcp_catalog.shown_picture(jsonb, name) from public;
