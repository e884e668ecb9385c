create or replace function api_name.prompt_name(topic text default null)
returns setof mcp_tool.prompt_message
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        m.role,
        m.content
    from
        mcp_tool.message(
            'user',
            mcp_tool.text('Report on ' || coalesce(prompt_name.topic, 'everything') || '.')
        ) as m;
end;

comment on function api_name.prompt_name(text) is $comment$
Prompt title.

@param topic  What it is about; everything without it.
@returns One message.
@prompt title="Prompt title"
$comment$;

alter function api_name.prompt_name(text) owner to mcp_tools;
revoke all on function api_name.prompt_name(text) from public;
-- mcp_core, and the audiences that may use it
grant execute on function api_name.prompt_name(text)
to mcp_core, audience_name;
