-- Tasks in the pgTAP files of the core: what a client sends about them, and what a server does.
create function tests.make_task_tools()
returns void
language plpgsql
as $make$
begin
    create table tests.written (who text);
    grant usage on schema tests to mcp_tools;
    grant select, insert on tests.written to mcp_tools;

    create function demo_api.test_report()
    returns table (notes bigint, lines bigint)
    language plpgsql
    stable
    security definer
    set search_path = pg_catalog, pg_temp
    as $$
    begin
        perform mcp_tool.progress(1, 2, 'counting');
        return query select (select count(*) from demo.notes), (select count(*) from demo.items);
    end
    $$;
    perform tests.offer('demo_api.test_report()', E'Report.\n\n@tool task=allowed task_timeout=10m');

    create function demo_api.test_write(x integer)
    returns integer
    language plpgsql
    volatile
    security definer
    set search_path = pg_catalog, pg_temp
    as $$
    begin
        insert into tests.written (who) values ('wrote ' || x);
        if x = 0 then
            perform mcp_tool.invalid('x', 'not 0');
        end if;
        return x;
    end
    $$;
    perform
        tests.offer(
            'demo_api.test_write(integer)',
            E'Write.\n\n@param x  A number.\n@tool task=required destructive=false'
        );
end
$make$;

create function tests.send(
    who text, method text, params jsonb, revision text default '2026-07-28',
    extensions jsonb default '{"io.modelcontextprotocol/tasks": {}}',
    capabilities jsonb default '{"elicitation": {}}'
)
returns jsonb
language sql
volatile
return mcp.handle(
    tests.credential(send.who), send.method, send.params::text,
    jsonb_build_object('revision', send.revision, 'extensions', send.extensions)
    || case send.method
        when
            'tools/call'
            then
                jsonb_build_object(
                    'request_id', gen_random_uuid(), 'capabilities', send.capabilities
                )
        else jsonb_build_object('request_id', gen_random_uuid())
    end
)::jsonb;
create function tests.call_tool(
    who text, tool text, arguments jsonb default '{}', more jsonb default '{}',
    capabilities jsonb default '{"elicitation": {}}'
)
returns jsonb
language sql
volatile
return tests.send(
    call_tool.who,
    'tools/call',
    jsonb_build_object('name', call_tool.tool, 'arguments', call_tool.arguments) || call_tool.more,
    capabilities => call_tool.capabilities
);
create function tests.task_id(task jsonb)
returns jsonb
language sql
immutable
return jsonb_build_object(
    'taskId', coalesce(task_id.task ->> 'taskId', task_id.task ->> 'task_id')
);
create function tests.get_task(who text, task jsonb)
returns jsonb
language sql
volatile
return tests.send(get_task.who, 'tasks/get', tests.task_id(get_task.task));
create function tests.send_error(
    who text, method text, params jsonb, revision text default '2026-07-28',
    extensions jsonb default '{"io.modelcontextprotocol/tasks": {}}'
)
returns jsonb
language sql
volatile
return tests.error_of(format(
    'select tests.send(%L, %L, %L, %L, %L)',
    send_error.who,
    send_error.method,
    send_error.params,
    send_error.revision,
    send_error.extensions
));
create function tests.claim_task()
returns jsonb
language sql
return tests.value_as_login('demo_server', 'mcp.claim_task()');
create function tests.run_text(task jsonb)
returns text
language sql
immutable
return format(
    'select mcp.run_task(%L, %L)', run_text.task ->> 'task_id', run_text.task ->> 'lease'
);
create function tests.run_task(task jsonb)
returns jsonb
language sql
volatile
return tests.value_as_login(
    'demo_server',
    format('mcp.run_task(%L, %L)', run_task.task ->> 'task_id', run_task.task ->> 'lease')
);

comment on function tests.send(text, text, jsonb, text, jsonb, jsonb) is
'The answer to a message of a caller, as the server asks for it.';
comment on function tests.call_tool(text, text, jsonb, jsonb, jsonb) is
'The answer to tools/call of 2026-07-28; more is put into its params.';
comment on function tests.task_id(jsonb) is
'The params that name a task, as the client and the server know it.';
comment on function tests.get_task(text, jsonb) is
'The answer to tasks/get.';
comment on function tests.send_error(text, text, jsonb, text, jsonb) is
'The error of a message, as tests.error_of.';
comment on function tests.claim_task() is
'Take the next task, as the server.';
comment on function tests.run_text(jsonb) is
'The statement that runs a task.';
comment on function tests.run_task(jsonb) is
'Run a task, as the server.';
comment on function tests.make_task_tools() is
'Make tools of the tests that are tasks, and the table that they write to.';
