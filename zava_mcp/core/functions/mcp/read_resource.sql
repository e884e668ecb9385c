create or replace function mcp.read_resource(
    credential text,
    uri text,
    request jsonb default '{}',
    signed text default null
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity mcp_auth.identity := mcp_auth.begin_request(
        credential, '/read_resource', coalesce(signed, jsonb_build_object('uri', uri)::text), coalesce(request ->> 'request_id', '')
    );
    v_resource mcp_catalog.resources;
    v_arguments jsonb;
    v_type name;
    v_result jsonb;
    v_picture jsonb;
begin
    perform mcp_catalog.check_request(request);
    if uri like 'export://%' then
        perform mcp_auth.clear_context();
        return mcp_log.export_contents(v_identity, uri);
    end if;
    if uri like 'ui://mcp/tools/%' then
        select mcp_catalog.shown_picture(t.picture, v_identity.audience)
        into v_picture
        from mcp_catalog.tools as t
        where 'ui://mcp/tools/' || t.name = read_resource.uri
            and has_function_privilege(v_identity.audience, to_regprocedure(t.function), 'execute');
        perform mcp_auth.clear_context();
        if v_picture is null then
            perform mcp_catalog.unknown_resource(uri);
        end if;
        return jsonb_build_object('contents', jsonb_build_array(jsonb_build_object(
            'uri', uri, 'mimeType', 'text/html;profile=mcp-app', 'text', v_picture::text
        )));
    end if;
    if uri like 'skill://%' then
        select jsonb_build_object('uri', s.uri, 'mimeType', 'text/markdown', 'text', s.content)
        into v_result
        from mcp_catalog.offered_skills(v_identity.audience) as s
        where s.uri = read_resource.uri;
        perform mcp_auth.clear_context();
        if v_result is null then
            perform mcp_catalog.unknown_resource(uri);
        end if;
        return jsonb_build_object('contents', jsonb_build_array(v_result));
    end if;
    select r.* into v_resource
    from mcp_catalog.resources as r
    join pg_proc as f on f.oid = to_regprocedure(r.function) and f.proowner = r.owner
    where length(read_resource.uri) <= 2000 and read_resource.uri ~ r.pattern
        and has_function_privilege(v_identity.audience, f.oid, 'execute');
    if not found then
        perform mcp_catalog.unknown_resource(uri);
    end if;
    select coalesce(jsonb_object_agg(v.name, mcp_catalog.uri_decoded(v.value)), '{}')
    into v_arguments
    from unnest(mcp_catalog.uri_variables(v_resource.uri), regexp_match(read_resource.uri, v_resource.pattern)) as v (name, value)
    where v.name is not null;

    begin
        v_arguments := mcp_catalog.typed_arguments(v_resource.parameters, v_arguments);
        perform mcp_catalog.check_arguments(v_resource.parameters, v_arguments);
    exception
        when invalid_parameter_value or null_value_not_allowed then
            perform mcp_catalog.unknown_resource(uri);
    end;
    begin
        v_result := mcp_catalog.run_tool(jsonb_populate_record(null::mcp_catalog.tools, to_jsonb(v_resource)), v_arguments, '{}');
    exception
        when no_data_found then
            perform mcp_catalog.unknown_resource(uri);
    end;
    perform mcp_auth.clear_context();

    select case when v_resource.result_kind = 'scalar' then b.typname end
    into v_type
    from pg_proc as p
    cross join mcp_catalog.base_type(p.prorettype) as b
    where p.oid = to_regprocedure(v_resource.function);
    if v_type is not null then
        v_result := v_result -> 'value';
    end if;
    -- a function that finds nothing gives null, or a row of nulls
    if v_result is null or v_result = 'null'
        or v_resource.result_kind = 'row' and jsonb_strip_nulls(v_result) = '{}'
    then
        perform mcp_catalog.unknown_resource(uri);
    end if;
    return jsonb_build_object('contents', jsonb_build_array(
        jsonb_build_object('uri', uri, 'mimeType', v_resource.mime_type)
        || case
            when v_type = 'bytea' then jsonb_build_object('blob', mcp_tool.base64((v_result #>> '{}')::bytea))
            when v_type is null or v_type in ('json', 'jsonb') then jsonb_build_object('text', v_result::text)
            else jsonb_build_object('text', v_result #>> '{}')
        end
    ));
end
$$;

comment on function mcp.read_resource(text, text, jsonb, text) is $comment$
Read a resource: verify the caller, find the resource of this address, execute it read-only.

At ui://mcp/tools/NAME is the picture of a tool: its text is that of mcp_catalog.shown_picture, which the shim puts
into the page that draws it. At skill://NAME/SKILL.md is a skill.

At export://FILE is an export of the caller, as mcp_log.export_contents gives it: the shim puts the text into it.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim for /read_resource and {"uri": uri}.
@param uri         Its address, at most 2000 characters.
@param request     As mcp_catalog.check_request takes it.
@param signed      The text that an assertion is bound to; null: {"uri": uri}, as PostgreSQL prints them.
@returns {"contents": [{"uri", "mimeType", and "text" or for bytes "blob" in base64}]}; rows are the JSON that a tool gives.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error NOT_FOUND There is no such resource, or none for this caller; its constraint is unknown_resource.
$comment$;

alter function mcp.read_resource(text, text, jsonb, text) owner to mcp_core;
revoke all on function mcp.read_resource(text, text, jsonb, text) from public;
grant execute on function mcp.read_resource(text, text, jsonb, text) to mcp_server;
