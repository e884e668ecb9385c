create or replace function mcp_tool.annotate(
    result mcp_tool.result,
    audience text [] default null,
    priority numeric default null
)
returns mcp_tool.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        coalesce(
            jsonb_agg(
                e.block || case
                    when e.block ? 'type'
                        then
                            jsonb_build_object(
                                'annotations',
                                jsonb_strip_nulls(
                                    jsonb_build_object(
                                        'audience', annotate.audience, 'priority', annotate.priority
                                    )
                                )
                            )
                    else '{}'
                end
                order by e.position
            ), '[]'
        )
    from jsonb_array_elements(annotate.result) with ordinality as e (block, position);
end;

comment on function mcp_tool.annotate(mcp_tool.result, text [], numeric) is $comment$
Set the audience and the priority of each block of a result.

@param result    The result.
@param audience  user, assistant or both; null nothing is said.
@param priority  0, may be left out, to 1, must not; null nothing is said.
@returns The result, each content block with its annotations.
$comment$;

alter function mcp_tool.annotate(mcp_tool.result, text [], numeric) owner to mcp_tools;
revoke all on function mcp_tool.annotate(mcp_tool.result, text [], numeric) from public;
grant execute on function mcp_tool.annotate(mcp_tool.result, text [], numeric) to mcp_tools;
