create or replace function mcp_catalog.describe_tool(function oid)
returns mcp_catalog.tools
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function pg_proc;
    v_comment jsonb := mcp_catalog.parse_comment(obj_description(function, 'pg_proc'));
    v_tags jsonb := v_comment -> 'tags';
    v_row jsonb;
    v_counts jsonb;
    v_hidden text;
    v_name text;
    v_tool mcp_catalog.tools;
begin
    select p.* into strict v_function from pg_proc as p where p.oid = describe_tool.function;
    v_row := mcp_catalog.result_schema(function) || mcp_catalog.with_description(v_comment ->> 'returns');
    v_tool.name := v_function.proname;
    v_tool.function := v_function.oid::regprocedure;
    v_tool.owner := v_function.proowner;
    v_tool.title := coalesce(v_tags ->> 'title', rtrim(v_comment ->> 'summary', '.'));
    -- a model that chooses a tool reads the words that people use for it
    v_tool.description := (v_comment ->> 'prose') || coalesce((
        select E'\n\nExamples: ' || string_agg(
            case when e.question ~ '[.?!]$' then e.question else e.question || '.' end, ' ' order by l.position
        )
        from jsonb_array_elements_text(v_comment -> 'examples') with ordinality as l (line, position)
        cross join lateral (select mcp_catalog.parse_example(l.line) ->> 'question' as question) as e
    ), '');
    v_tool.parameters := mcp_catalog.tool_parameters(function);
    v_tool.input_schema := jsonb_build_object(
        'type', 'object',
        'properties', coalesce((
            -- of x and x_embedding, which are one to the client, x itself is shown
            select jsonb_object_agg(p.client_name, p.schema order by p.dimensions nulls last)
            from unnest(v_tool.parameters) as p
        ), '{}'),
        'required', coalesce((
            select jsonb_agg(distinct p.client_name)
            from unnest(v_tool.parameters) as p
            where p.is_required
        ), '[]'),
        'additionalProperties', false
    );
    v_tool.input_schema := coalesce((v_comment ->> 'schema')::jsonb, v_tool.input_schema);
    v_tool.exports := string_to_array(v_tags ->> 'export', ',');
    if v_tool.exports is not null then
        v_tool.input_schema := jsonb_set(v_tool.input_schema, '{properties,export}', jsonb_build_object(
            'type', 'string', 'enum', v_tool.exports, 'description', 'All rows, as a file.'
        ));
    end if;
    v_tool.result_kind := case
        when v_function.prorettype = 'mcp_tool.result'::regtype then 'content'
        when v_function.prorettype = 'void'::regtype then 'void'
        when v_function.proretset then 'set'
        when v_row ->> 'type' = 'object' then 'row'
        else 'scalar'
    end;
    v_tool.has_columns := coalesce(v_row ->> 'type' = 'object', false);
    v_tool.call_text := mcp_catalog.call_statement(function, v_tool.result_kind, v_tool.has_columns, false);
    v_tool.call_template := mcp_catalog.call_statement(function, v_tool.result_kind, v_tool.has_columns, true);
    v_tool.page_key := string_to_array(v_tags ->> 'page_key', ',');
    v_tool.groups := coalesce(string_to_array(v_tags ->> 'group', ','), '{}');
    v_counts := '{"row_count": {"type": "integer"}, "truncated": {"type": "boolean"}}'
        || case when v_tags ->> 'page_key' is null then '{}' else '{"next_cursor": {"type": ["string", "null"]}}' end::jsonb;
    v_tool.output_schema := case v_tool.result_kind
        when 'set' then jsonb_build_object(
            'type', 'object',
            'properties', jsonb_build_object('rows', jsonb_build_object('type', 'array', 'items', v_row)) || v_counts,
            'required', '["rows"]' || (select jsonb_agg(k) from jsonb_object_keys(v_counts) as k)
        )
        when 'row' then v_row
        when 'scalar' then jsonb_build_object(
            'type', 'object',
            'properties', jsonb_build_object('value', v_row),
            'required', '["value"]'::jsonb
        )
    end;
    if v_tool.exports is not null then
        v_tool.output_schema := jsonb_set(v_tool.output_schema, '{properties,export}', '{"type": "object"}');
    end if;
    if v_tags ->> 'output' = 'brief' then
        v_tool.output_schema := null;
    end if;
    v_tool.picture := mcp_catalog.picture(function) || jsonb_build_object('tool', v_tool.name, 'title', v_tool.title);
    v_tool.is_read_only := v_function.provolatile <> 'v';
    v_tool.annotations := jsonb_build_object(
        'title', v_tool.title, 'readOnlyHint', v_tool.is_read_only, 'openWorldHint', false
    ) || case when v_tool.is_read_only then '{}' else jsonb_build_object(
        'destructiveHint', coalesce((v_tags ->> 'destructive')::boolean, true),
        'idempotentHint', coalesce((v_tags ->> 'idempotent')::boolean, false)
    ) end;
    v_tool.asks_first := not v_tool.is_read_only and coalesce((v_tags ->> 'destructive')::boolean, false);
    v_tool.timeout_ms := coalesce(
        mcp_catalog.milliseconds(v_tags ->> 'timeout'),
        (select (s.value)::integer from mcp_catalog.settings as s where s.name = 'default_timeout_ms')
    );
    v_tool.task := v_tags ->> 'task';
    if v_tool.task is not null then
        v_tool.task_timeout_ms := coalesce(
            mcp_catalog.milliseconds(v_tags ->> 'task_timeout'),
            (select (s.value)::integer from mcp_catalog.settings as s where s.name = 'default_task_timeout_ms')
        );
        v_tool.task_asks_first := coalesce(v_tags ->> 'ask' = 'first', false);
        v_tool.has_pair := case when v_tags ? 'pair' then true end;
    end if;
    v_tool.cache_seconds := coalesce(mcp_catalog.milliseconds(v_tags ->> 'cache') / 1000, 0);
    v_tool.definition := jsonb_strip_nulls(jsonb_build_object(
        'name', v_tool.name,
        'title', v_tool.title,
        'description', v_tool.description,
        'annotations', v_tool.annotations - 'title'
    )) || case
        when v_tags ? 'icon' then jsonb_build_object('icons', jsonb_build_array(jsonb_build_object('src', v_tags ->> 'icon')))
        else '{}'
    end || jsonb_build_object('inputSchema', case
        when v_comment ->> 'schema' is null
            then mcp_catalog.brief_arguments(v_tool.input_schema, v_tool.page_key is not null)
            #- case when v_tool.exports is not null then array['properties', 'export', 'description'] else '{}' end
        else v_tool.input_schema
    end) || case v_tool.task
        when 'allowed' then '{"execution": {"taskSupport": "optional"}}'
        when 'export' then '{"execution": {"taskSupport": "optional"}}'
        when 'required' then '{"execution": {"taskSupport": "required"}}'
        else '{}'
    end::jsonb || case
        when v_tool.output_schema is null then '{}'
        when v_tags ->> 'output' = 'full' then jsonb_build_object('outputSchema', v_tool.output_schema)
        when v_tags ->> 'output' = 'types'
            then jsonb_build_object('outputSchema', mcp_catalog.brief_schema(
                v_tool.output_schema, '{required,additionalProperties,description}'
            ))
        else jsonb_build_object('outputSchema', '{"type": "object"}' || mcp_catalog.brief_schema(
            -- what every set has, and every export
            case v_tool.result_kind
                when 'set' then
                    v_tool.output_schema #- '{properties,row_count}' #- '{properties,truncated}' #- '{properties,next_cursor}'
                else v_tool.output_schema
            end #- '{properties,export}'
        ))
    end;
    v_tool.embeds := coalesce((
        select jsonb_object_agg(
            p.client_name, jsonb_build_object('parameter', p.name, 'dimensions', p.dimensions)
        )
        from unnest(v_tool.parameters) as p
        where p.dimensions is not null
    ), '{}');
    -- what types, domains, enums and columns are called and said to be
    select
        format(
            'a name, label or comment of its types has a control, bidi or invisible character, %s of %s: remove it',
            mcp_catalog.first_hidden(v #>> '{}'), mcp_catalog.visible(left(v::text, 100))
        )
    into v_hidden
    from jsonb_path_query(jsonb_build_array(v_tool.input_schema, v_tool.output_schema), 'strict $.**') as v
    where jsonb_typeof(v) = 'string' and mcp_catalog.has_hidden_characters(v #>> '{}')
    limit 1;
    -- names of properties are keys
    select
        format(
            'a name, label or comment of its types has a control, bidi or invisible character, %s of %s: remove it',
            mcp_catalog.first_hidden(k.name), mcp_catalog.visible(to_json(k.name)::text)
        )
    into v_name
    from jsonb_path_query(
        jsonb_build_array(v_tool.input_schema, v_tool.output_schema), 'strict $.** ? (@.type() == "object")'
    ) as o
    cross join jsonb_object_keys(o) as k (name)
    where mcp_catalog.has_hidden_characters(k.name)
    limit 1;
    if coalesce(v_hidden, v_name) is not null then
        raise invalid_parameter_value using message = coalesce(v_hidden, v_name);
    end if;
    return v_tool;
end
$$;

comment on function mcp_catalog.describe_tool(oid) is $comment$
Return the catalogue's row of a function without refusals.

@param function  The function.
@returns What clients and the shim need to know of it.
@error VALIDATION_ERROR One of its types has a name, label or comment with hidden characters, which
mcp_catalog.refusals does not read.
$comment$;

alter function mcp_catalog.describe_tool(oid) owner to mcp_core;
revoke all on function mcp_catalog.describe_tool(oid) from public;
