create or replace function mcp_tool.resource_link(
    uri text,
    name text,
    title text default null,
    description text default null,
    mime text default null
)
returns mcp_tool.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        jsonb_build_array(
            jsonb_strip_nulls(
                jsonb_build_object(
                    'type', 'resource_link',
                    'uri', resource_link.uri,
                    'name', resource_link.name,
                    'title', resource_link.title,
                    'description', resource_link.description,
                    'mimeType', resource_link.mime
                )
            )
        );
end;

comment on function mcp_tool.resource_link(text, text, text, text, text) is $comment$
A link to a resource that the client may read, as content of a tool or a prompt.

@param uri          Its address.
@param name         What it is called.
@param title        The same for people; null the name.
@param description  What is in it; null nothing is said.
@param mime         Its MIME type; null unknown.
@returns One content block.
$comment$;

alter function mcp_tool.resource_link(text, text, text, text, text) owner to mcp_tools;
revoke all on function mcp_tool.resource_link(text, text, text, text, text) from public;
grant execute on function mcp_tool.resource_link(text, text, text, text, text)
to mcp_tools;
