-- Tools and a prompt that ask: the user, the client's model, the client's folders.

create function conformance.test_elicitation(message text)
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('user') is null then
        return mcp_tool.ask('user', message, '{
            "type": "object",
            "properties": {
                "username": {"type": "string", "description": "User''s response"},
                "email": {"type": "string", "description": "User''s email address"}
            },
            "required": ["username", "email"]
        }');
    end if;
    return mcp_tool.text(format(
        'User response: action: %s, content: %s', mcp_tool.answer('user') ->> 'action', mcp_tool.answer('user') -> 'content'
    ));
end
$$;
select pg_temp.offer('test_elicitation(text)', $comment$
A tool that asks the user.

@param message  What the user is asked.
$comment$);

create function conformance.test_streaming_elicitation()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform mcp_tool.progress(1, 2);
    if mcp_tool.answer('go_on') is null then
        return mcp_tool.ask('go_on', 'Go on?', '{"type": "object", "properties": {"ok": {"type": "boolean"}}}');
    end if;
    return mcp_tool.text('Went on.');
end
$$;
select pg_temp.offer('test_streaming_elicitation()', $comment$
A tool that reports, and asks the user.
$comment$);

create function conformance.test_sampling(prompt text)
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('model') is null then
        return mcp_tool.sample('model', prompt, 100);
    end if;
    return mcp_tool.text('LLM response: ' || (mcp_tool.answer('model') #>> '{content,text}'));
end
$$;
select pg_temp.offer('test_sampling(text)', $comment$
A tool that asks the client's model.

@param prompt  What the model is asked.
$comment$);

create function conformance.test_missing_capability()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('model') is null then
        return mcp_tool.sample('model', 'Say something.', 10);
    end if;
    return mcp_tool.text(mcp_tool.answer('model') #>> '{content,text}');
end
$$;
select pg_temp.offer('test_missing_capability()', $comment$
A tool that needs the client's model.
$comment$);

create function conformance.test_elicitation_sep1034_defaults()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('form') is null then
        return mcp_tool.ask('form', 'Please check these values.', '{
            "type": "object",
            "properties": {
                "name": {"type": "string", "default": "John Doe"},
                "age": {"type": "integer", "default": 30},
                "score": {"type": "number", "default": 95.5},
                "status": {
                    "type": "string", "enum": ["active", "inactive", "pending"], "default": "active"
                },
                "verified": {"type": "boolean", "default": true}
            }
        }');
    end if;
    return mcp_tool.text(format(
        'Elicitation completed: action=%s, content=%s', mcp_tool.answer('form') ->> 'action', mcp_tool.answer('form') -> 'content'
    ));
end
$$;
select pg_temp.offer('test_elicitation_sep1034_defaults()', $comment$
A form with defaults of every type.
$comment$);

create function conformance.test_elicitation_sep1330_enums()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('form') is null then
        return mcp_tool.ask('form', 'Please choose.', '{
            "type": "object",
            "properties": {
                "untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
                "titledSingle": {
                    "type": "string",
                    "oneOf": [
                        {"const": "value1", "title": "First Option"},
                        {"const": "value2", "title": "Second Option"},
                        {"const": "value3", "title": "Third Option"}
                    ]
                },
                "legacyEnum": {
                    "type": "string",
                    "enum": ["opt1", "opt2", "opt3"],
                    "enumNames": ["Option One", "Option Two", "Option Three"]
                },
                "untitledMulti": {
                    "type": "array",
                    "items": {"type": "string", "enum": ["option1", "option2", "option3"]}
                },
                "titledMulti": {
                    "type": "array",
                    "items": {
                        "anyOf": [
                            {"const": "value1", "title": "First Choice"},
                            {"const": "value2", "title": "Second Choice"},
                            {"const": "value3", "title": "Third Choice"}
                        ]
                    }
                }
            }
        }');
    end if;
    return mcp_tool.text(format(
        'Elicitation completed: action=%s, content=%s', mcp_tool.answer('form') ->> 'action', mcp_tool.answer('form') -> 'content'
    ));
end
$$;
select pg_temp.offer('test_elicitation_sep1330_enums()', $comment$
A form with every kind of choice.
$comment$);

create function conformance.test_input_required_result_elicitation()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('user_name') is null then
        return mcp_tool.ask(
            'user_name', 'What is your name?',
            '{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}'
        );
    end if;
    return mcp_tool.text(format('Hello, %s!', coalesce(mcp_tool.answer('user_name') #>> '{content,name}', 'stranger')));
end
$$;
select pg_temp.offer('test_input_required_result_elicitation()', $comment$
A tool that asks for a name.
$comment$);

create function conformance.test_input_required_result_sampling()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('capital_question') is null then
        return mcp_tool.sample('capital_question', 'What is the capital of France?', 100);
    end if;
    return mcp_tool.text(mcp_tool.answer('capital_question') #>> '{content,text}');
end
$$;
select pg_temp.offer('test_input_required_result_sampling()', $comment$
A tool that asks the model for a capital.
$comment$);

create function conformance.test_input_required_result_list_roots()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('client_roots') is null then
        return mcp_tool.roots('client_roots');
    end if;
    return mcp_tool.text('Roots: ' || (mcp_tool.answer('client_roots') -> 'roots')::text);
end
$$;
select pg_temp.offer('test_input_required_result_list_roots()', $comment$
A tool that asks for the folders.
$comment$);

create function conformance.test_input_required_result_request_state()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('confirm') is null or mcp_tool.saved_state() is null then
        return mcp_tool.ask(
            'confirm', 'Please confirm',
            '{"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}'
        ) || mcp_tool.save_state('{"round": 1}');
    end if;
    return mcp_tool.text(case when mcp_tool.saved_state() = '{"round": 1}' then 'state-ok' else 'state-lost' end);
end
$$;
select pg_temp.offer('test_input_required_result_request_state()', $comment$
A tool that keeps something while it asks.
$comment$);

create function conformance.test_input_required_result_tampered_state()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('confirm') is null or mcp_tool.saved_state() is null then
        return mcp_tool.ask(
            'confirm', 'Please confirm',
            '{"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}'
        ) || mcp_tool.save_state('{"round": 1}');
    end if;
    return mcp_tool.text(case when mcp_tool.saved_state() = '{"round": 1}' then 'state-ok' else 'state-lost' end);
end
$$;
select pg_temp.offer('test_input_required_result_tampered_state()', $comment$
A tool whose state must not be changed.
$comment$);

create function conformance.test_input_required_result_multiple_inputs()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('user_name') is null or mcp_tool.answer('greeting') is null or mcp_tool.answer('client_roots') is null then
        return mcp_tool.ask(
            'user_name', 'What is your name?',
            '{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}'
        )
        || mcp_tool.sample('greeting', 'Generate a greeting', 50)
        || mcp_tool.roots('client_roots');
    end if;
    return mcp_tool.text(format(
        '%s %s, of %s', mcp_tool.answer('greeting') #>> '{content,text}', mcp_tool.answer('user_name') #>> '{content,name}',
        mcp_tool.answer('client_roots') -> 'roots'
    ));
end
$$;
select pg_temp.offer('test_input_required_result_multiple_inputs()', $comment$
A tool that asks three things at once.
$comment$);

create function conformance.test_input_required_result_multi_round()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('step1') is null then
        return mcp_tool.ask(
            'step1', 'Step 1: What is your name?',
            '{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}'
        );
    elsif mcp_tool.answer('step2') is null then
        return mcp_tool.ask(
            'step2', 'Step 2: What is your favorite color?',
            '{"type": "object", "properties": {"color": {"type": "string"}}, "required": ["color"]}'
        );
    end if;
    return mcp_tool.text(format(
        '%s likes %s.', mcp_tool.answer('step1') #>> '{content,name}', mcp_tool.answer('step2') #>> '{content,color}'
    ));
end
$$;
select pg_temp.offer('test_input_required_result_multi_round()', $comment$
A tool that asks twice, one question after the other.
$comment$);

create function conformance.test_input_required_result_capabilities()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.client_supports('elicitation') and mcp_tool.answer('user_name') is null then
        return mcp_tool.ask(
            'user_name', 'What is your name?',
            '{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}'
        );
    elsif mcp_tool.client_supports('sampling') and mcp_tool.answer('greeting') is null then
        return mcp_tool.sample('greeting', 'Generate a greeting', 50);
    end if;
    return mcp_tool.text('Nothing more to ask.');
end
$$;
select pg_temp.offer('test_input_required_result_capabilities()', $comment$
A tool that asks what the client can answer.
$comment$);

create function conformance.test_input_required_result_prompt()
returns setof mcp_tool.prompt_message
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('user_context') is null then
        return query
        select m.*
        from mcp_tool.message('user', mcp_tool.ask(
            'user_context', 'What context should the prompt use?',
            '{"type": "object", "properties": {"context": {"type": "string"}}, "required": ["context"]}'
        )) as m;
        return;
    end if;
    return query
    select m.*
    from mcp_tool.message('user', mcp_tool.text(
        'Use this context: ' || coalesce(mcp_tool.answer('user_context') #>> '{content,context}', 'none')
    )) as m;
end
$$;
select pg_temp.offer('test_input_required_result_prompt()', $comment$
A prompt that asks for its context.
@prompt
$comment$);
