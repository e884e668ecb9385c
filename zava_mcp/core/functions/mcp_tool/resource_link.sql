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
        case
            when resource_link.uri is null then '[]'
            else
                jsonb_build_array(
                    jsonb_strip_nulls(
                        jsonb_build_object(
                            'type', 'resource_link',
                            'uri', resource_link.uri,
                            'name', coalesce(resource_link.name, resource_link.uri),
                            'title', resource_link.title,
                            'description', resource_link.description,
                            'mimeType', resource_link.mime
                        )
                    )
                )
        end;
end;

comment on function mcp_tool.resource_link(text, text, text, text, text) is $comment$
Return a link to a resource that the client may read as content of a tool or a prompt.

@param uri          Its address; null there is no link.
@param name         What it is called; null its address.
@param title        The same for people; null the name.
@param description  What is in it; null nothing is said.
@param mime         Its MIME type; null unknown.
@returns One content block, or none.
$comment$;

alter function mcp_tool.resource_link(text, text, text, text, text) owner to mcp_tools;
revoke all on function mcp_tool.resource_link(text, text, text, text, text) from public;
grant execute on function mcp_tool.resource_link(text, text, text, text, text)
to mcp_tools;
