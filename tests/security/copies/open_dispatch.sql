-- The tool's name is put into the statement: no catalogue, no audience, no schema.
select attack.weaken(
    'mcp.call_tool(text, text, jsonb, jsonb, text)',
    'select t.* into v_tool',
    $new$execute format(
        'select to_jsonb(r) from %s%s(%s) as r',
        case when call_tool.tool ~ '^[a-z_]+$' then 'api.' end,
        call_tool.tool,
        (select string_agg(format('%I => %L', a.key, a.value), ', ') from jsonb_each_text(arguments) as a)
    )
    into v_result;
    perform mcp_auth.clear_context();
    return case jsonb_typeof(v_result) when 'object' then v_result else jsonb_build_object('value', v_result) end;
    select t.* into v_tool$new$
);
