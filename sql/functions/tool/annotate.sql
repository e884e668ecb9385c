create or replace function tool.annotate(
    result mcp.result,
    audience text [] default null,
    priority numeric default null
)
returns mcp.result
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

comment on function tool.annotate(mcp.result, text [], numeric) is $comment$
Say whom each block of a result is for, and how much it matters.

@param result    The result.
@param audience  user, assistant or both; null nothing is said.
@param priority  0, may be left out, to 1, must not; null nothing is said.
@returns The result, each content block with its annotations.
$comment$;

alter function tool.annotate(mcp.result, text [], numeric) owner to zava_tools;
revoke all on function tool.annotate(mcp.result, text [], numeric) from public;
grant execute on function tool.annotate(mcp.result, text [], numeric) to zava_tools, zava_owner;
