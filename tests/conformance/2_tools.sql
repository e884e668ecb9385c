-- Tools that answer: text, image, sound, resources, errors, logs, progress.

create function conformance.test_simple_text()
returns mcp_tool.result
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select mcp_tool.text('This is a simple text response for testing.');
end;
select pg_temp.offer('test_simple_text()', $comment$
A simple text.
$comment$);

create function conformance.test_image_content()
returns mcp_tool.result
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select mcp_tool.image(conformance_help.picture(), 'image/png');
end;
select pg_temp.offer('test_image_content()', $comment$
A picture.
$comment$);

create function conformance.test_audio_content()
returns mcp_tool.result
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        mcp_tool.audio(
            decode('UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQIAAAAAAA==', 'base64'), 'audio/wav'
        );
end;
select pg_temp.offer('test_audio_content()', $comment$
A sound.
$comment$);

create function conformance.test_embedded_resource()
returns mcp_tool.result
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        mcp_tool.embedded_resource(
            'test://embedded-resource', 'text/plain', 'This is an embedded resource content.'
        );
end;
select pg_temp.offer('test_embedded_resource()', $comment$
A resource within the answer.
$comment$);

create function conformance.test_multiple_content_types()
returns mcp_tool.result
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        mcp_tool.text('Multiple content types test:')
        || mcp_tool.image(conformance_help.picture(), 'image/png')
        || mcp_tool.embedded_resource(
            'test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'
        );
end;
select pg_temp.offer('test_multiple_content_types()', $comment$
Text, a picture and a resource.
$comment$);

create function conformance.test_error_handling()
returns mcp_tool.result
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select mcp_tool.fail('This tool intentionally returns an error for testing');
end;
select pg_temp.offer('test_error_handling()', $comment$
A tool that fails.
$comment$);

create function conformance.test_tool_with_logging()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform mcp_tool.log('info', 'Tool execution started');
    perform conformance_help.pause(0.05);
    perform mcp_tool.log('info', 'Tool processing data');
    perform conformance_help.pause(0.05);
    perform mcp_tool.log('info', 'Tool execution completed');
    return mcp_tool.text('Logged three times.');
end
$$;
select pg_temp.offer('test_tool_with_logging()', $comment$
A tool that logs.
$comment$);

create function conformance.test_logging_tool()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform mcp_tool.log('info', 'For those who asked to be told');
    return mcp_tool.text('Logged.');
end
$$;
select pg_temp.offer('test_logging_tool()', $comment$
A tool that logs once.
$comment$);

create function conformance.test_tool_with_progress()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform mcp_tool.progress(0, 100);
    perform conformance_help.pause(0.05);
    perform mcp_tool.progress(50, 100);
    perform conformance_help.pause(0.05);
    perform mcp_tool.progress(100, 100);
    return mcp_tool.text('Done.');
end
$$;
select pg_temp.offer('test_tool_with_progress()', $comment$
A tool that says how far it is.
$comment$);

create function conformance.test_reconnection()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform conformance_help.pause(0.5);
    return mcp_tool.text('Reconnection test completed.');
end
$$;
select pg_temp.offer('test_reconnection()', $comment$
A tool during which the stream may be closed.
$comment$);

create function conformance.test_long_running(seconds integer default 20)
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    for i in 1..seconds loop
        perform conformance_help.pause(1);
        perform mcp_tool.progress(i, seconds, 'waiting');
    end loop;
    return mcp_tool.text('Waited.');
end
$$;
select pg_temp.offer('test_long_running(integer)', $comment$
A tool that takes its time.

@param seconds  How long, 1 to 60.
@tool timeout=60s
$comment$);

create function conformance.json_schema_2020_12_tool(
    name text default null,
    address jsonb default null,
    "contactMethod" text default null,
    phone text default null,
    email text default null
)
returns mcp_tool.result
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select mcp_tool.text('Hello, ' || coalesce(json_schema_2020_12_tool.name, 'nobody'));
end;
select pg_temp.offer('json_schema_2020_12_tool(text, jsonb, text, text, text)', $comment$
Tool with JSON Schema 2020-12 features

@param name           Name.
@param address        Address.
@param contactMethod  phone or email.
@param phone          Phone number.
@param email          E-mail address.
@schema {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}}
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"}
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": false
}
$comment$);

create function conformance.test_trigger_tool_change()
returns mcp_tool.result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        'comment on function conformance.test_simple_text() is %L',
        format('A simple text, changed %s.', clock_timestamp())
    );
    return mcp_tool.text('Changed.');
end
$$;
select pg_temp.offer('test_trigger_tool_change()', $comment$
A tool that changes another tool.
$comment$);

create function conformance.test_trigger_prompt_change()
returns mcp_tool.result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        'comment on function conformance.test_simple_prompt() is %L',
        format(E'A simple prompt, changed %s.\n@prompt', clock_timestamp())
    );
    return mcp_tool.text('Changed.');
end
$$;
select pg_temp.offer('test_trigger_prompt_change()', $comment$
A tool that changes a prompt.
$comment$);
