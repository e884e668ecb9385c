create or replace function mcp_catalog.shape_content(
    result jsonb,
    identity mcp_auth.identity,
    action text,
    arguments jsonb
)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with block as (
        select
            b.block,
            b.position
        from jsonb_array_elements(shape_content.result) with ordinality as b (block, position)
    ),

    question as (
        select
            jsonb_object_agg(
                b.block -> 'ask' ->> 'key',
                -- people read it: nothing in it may hide or turn around what they agree to
                mcp_catalog.visible_values((b.block -> 'ask') - 'key')
            ) as asked,
            jsonb_object_agg(
                b.block -> 'ask' ->> 'key',
                jsonb_build_object(
                    'method', b.block -> 'ask' -> 'method',
                    'schema',
                    mcp_catalog.visible_values(b.block -> 'ask' -> 'params' -> 'requestedSchema')
                )
            ) as remembered
        from block as b
        where b.block ? 'ask'
    )

    select
        case
            when q.asked is not null
                then jsonb_build_object(
                    'ask', q.asked,
                    'state', mcp_catalog.write_state(
                        shape_content.identity, shape_content.action, shape_content.arguments,
                        jsonb_build_object(
                            'asked', q.remembered,
                            'answers',
                            coalesce(nullif(current_setting('app.answers', true), ''), '{}')::jsonb,
                            'kept',
                            coalesce(
                                (
                                    select b.block -> 'kept'
                                    from block as b
                                    where b.block ? 'kept'
                                    order by b.position desc
                                    limit 1
                                ),
                                nullif(current_setting('app.kept', true), '')::jsonb
                            )
                        )
                    )
                )
            else
                jsonb_build_object(
                    'content',
                    coalesce(
                        (
                            select jsonb_agg(b.block order by b.position)
                            from block as b
                            where b.block ? 'type'
                        ), '[]'
                    ),
                    'isError', exists (select from block as b where b.block ? 'isError')
                ) || coalesce(
                    (
                        select jsonb_build_object('structuredContent', b.block -> 'structured')
                        from block as b
                        where b.block ? 'structured'
                        order by b.position desc
                        limit 1
                    ), '{}'
                )
        end
    from question as q;
end;

comment on function mcp_catalog.shape_content(jsonb, mcp_auth.identity, text, jsonb) is $comment$
Return the content of a result of type mcp_tool.result.

@param result     The result.
@param identity   Who calls.
@param action     The tool or prompt.
@param arguments  What the client sent.
@returns {"content": [...], "isError", "structuredContent"}; or, when something is asked, {"ask": {key: {"method",
"params"}}, "state": what is to be sent back with the answers}.
@error VALIDATION_ERROR The answers are too long to carry to the next round.
@error VALIDATION_ERROR What is kept between the rounds is too long.
$comment$;

alter function mcp_catalog.shape_content(jsonb, mcp_auth.identity, text, jsonb) owner to mcp_core;
revoke all on function mcp_catalog.shape_content(jsonb, mcp_auth.identity, text, jsonb) from public;
