create or replace function mcp_catalog.offered_tools(
    audience name,
    extensions jsonb default '{}',
    groups text [] default null,
    found_tools text [] default '{}'
)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        coalesce(jsonb_agg(
            t.definition
            || case
                when not offered_tools.extensions ? 'io.modelcontextprotocol/ui' then '{}'
                else jsonb_build_object('_meta', jsonb_build_object(
                    'zava-mcp/groups', to_jsonb(t.groups),
                    -- in the order of the function: jsonb has its own
                    'zava-mcp/arguments',
                    to_jsonb(array(select p.client_name from unnest(t.parameters) as p))
                ) || case
                    when t.picture is null then '{}'
                    else jsonb_build_object(
                        'ui', jsonb_build_object('resourceUri', 'ui://mcp/tools/' || t.name),
                        'zava-mcp/picture',
                        mcp_catalog.shown_picture(t.picture, offered_tools.audience)
                    )
                end)
            end
        ), '[]') || case
            when offered_tools.extensions ? 'io.modelcontextprotocol/tasks' then '[]'
            else mcp_catalog.task_tools(
                coalesce(jsonb_agg(t.definition) filter (where t.has_pair), '[]')
            )
        end
    from mcp_catalog.tools as t
    where
        has_function_privilege(offered_tools.audience, to_regprocedure(t.function), 'execute')
        and (
            offered_tools.groups is null
            or 'all' = any(offered_tools.groups)
            or t.groups && offered_tools.groups
            or t.groups = '{}' and '' = any(offered_tools.groups)
            or t.name = any(offered_tools.found_tools)
        );
end;

comment on function mcp_catalog.offered_tools(name, jsonb, text [], text []) is $comment$
Return the tools that an audience may execute, in MCP's form, unordered.

@param audience    The audience.
@param extensions  What the client announced, by name of the extension. With io.modelcontextprotocol/ui the _meta of each
tool has its groups, the order of its arguments, and its picture if there is one. Without io.modelcontextprotocol/tasks there is what mcp_catalog.task_tools adds.
@param groups      Groups of which a tool must belong to one, the empty one for tools without a group; null, or the group all,
for all tools.
@param found_tools Names of tools that are listed whatever their groups are.
@returns A JSON array, one object a tool.
$comment$;

alter function mcp_catalog.offered_tools(name, jsonb, text [], text []) owner to mcp_core;
revoke all on function mcp_catalog.offered_tools(name, jsonb, text [], text []) from public;
