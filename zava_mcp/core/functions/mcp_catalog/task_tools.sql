create or replace function mcp_catalog.task_tools(tools jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        coalesce(
            jsonb_agg((t.tool - array['title', 'outputSchema', 'execution']) || jsonb_build_object(
                'name', (t.tool ->> 'name') || '_start',
                'description',
                format(
                    'Begin %s and go on meanwhile: it may take long. Answers with a task_id for '
                    'get_task. %s',
                    t.tool ->> 'name', t.tool ->> 'description'
                )
            )) || (
                select
                    jsonb_agg(
                        jsonb_build_object(
                            'name', c.name,
                            'description', c.description,
                            'annotations', jsonb_build_object(
                                'readOnlyHint', c.name = 'get_task', 'openWorldHint', false
                            ),
                            'inputSchema', jsonb_build_object(
                                'type', 'object',
                                'properties', '{"task_id": {"type": "string"}}'::jsonb,
                                'required', '["task_id"]'::jsonb,
                                'additionalProperties', false
                            )
                        )
                    )
                from (
                    values
                    (
                        'get_task',
                        'How a task is that a tool ending in _start began: its state and '
                        'progress, and once it has ended its result. While the state is '
                        'working, call again in a few seconds.'
                    ),
                    ('cancel_task', 'Cancel a task that a tool ending in _start began.')
                ) as c (name, description)
            ), '[]'
        )
    from jsonb_array_elements(task_tools.tools) as t (tool);
end;

comment on function mcp_catalog.task_tools(jsonb) is $comment$
Return the tools that a client without the tasks extension is offered beside tools tagged pair.

@param tools  Definitions of these tools, a JSON array.
@returns A JSON array: NAME_start for each, get_task and cancel_task; empty where there is no tool.
$comment$;

alter function mcp_catalog.task_tools(jsonb) owner to mcp_core;
revoke all on function mcp_catalog.task_tools(jsonb) from public;
