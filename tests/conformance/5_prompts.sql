-- Prompts, and the completion of an argument.

create function conformance.test_simple_prompt()
returns setof mcp_tool.prompt_message
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select m.*
    from mcp_tool.message('user', mcp_tool.text('This is a simple prompt for testing.')) as m;
end;
select pg_temp.offer('test_simple_prompt()', $comment$
A simple prompt.
@prompt
$comment$);

create function conformance.test_prompt_with_arguments(arg1 text, arg2 text)
returns setof mcp_tool.prompt_message
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select m.*
    from
        mcp_tool.message(
            'user',
            mcp_tool.text(
                'Prompt with arguments: arg1=''' || test_prompt_with_arguments.arg1
                || ''', arg2=''' || test_prompt_with_arguments.arg2 || ''''
            )
        ) as m;
end;
select pg_temp.offer('test_prompt_with_arguments(text, text)', $comment$
A prompt with arguments.

@param arg1  First test argument.
@param arg2  Second test argument.
@prompt
$comment$);

create function conformance.test_prompt_with_embedded_resource("resourceUri" text)
returns setof mcp_tool.prompt_message
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select m.*
    from
        mcp_tool.message(
            'user',
            mcp_tool.embedded_resource(
                "resourceUri", 'text/plain', 'Embedded resource content for testing.'
            )
            || mcp_tool.text('Please process the embedded resource above.')
        ) as m;
end;
select pg_temp.offer('test_prompt_with_embedded_resource(text)', $comment$
A prompt with a resource.

@param resourceUri  URI of the resource to embed.
@prompt
$comment$);

create function conformance.test_prompt_with_image()
returns setof mcp_tool.prompt_message
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select m.*
    from
        mcp_tool.message(
            'user',
            mcp_tool.image(conformance_help.picture(), 'image/png') || mcp_tool.text('Please analyze the image above.')
        ) as m;
end;
select pg_temp.offer('test_prompt_with_image()', $comment$
A prompt with a picture.
@prompt
$comment$);

create function conformance.complete_arg1()
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select unnest(array['paris', 'park', 'party', 'london']);
end;
select pg_temp.offer('complete_arg1()', $comment$
Words for the first argument.
@completes test_prompt_with_arguments.arg1
$comment$);
