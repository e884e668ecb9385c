create or replace function mcp_catalog.visible_block(block jsonb)
returns jsonb
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        visible_block.block
        || case
            when visible_block.block ? 'text'
                then jsonb_build_object('text', mcp_catalog.visible(visible_block.block ->> 'text'))
            else '{}'
        end
        || case
            when visible_block.block -> 'resource' ? 'text'
                then jsonb_build_object(
                    'resource',
                    (visible_block.block -> 'resource') || jsonb_build_object(
                        'text', mcp_catalog.visible(visible_block.block #>> '{resource,text}')
                    )
                )
            else '{}'
        end;
end;

comment on function mcp_catalog.visible_block(jsonb) is $comment$
Return a block of content with its text, and that of the resource in it, escaped by mcp_catalog.visible.

@param block  The block, or the contents of a resource.
@returns The block.
$comment$;

alter function mcp_catalog.visible_block(jsonb) owner to mcp_core;
revoke all on function mcp_catalog.visible_block(jsonb) from public;
