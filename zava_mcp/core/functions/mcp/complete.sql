create or replace function mcp.complete(
    credential text,
    ref jsonb,
    argument jsonb,
    context jsonb default '{}'
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity mcp_auth.identity := mcp_auth.begin_request(credential, '/complete');
    v_typed text := argument ->> 'value';
    v_owner mcp_catalog.tools;
    v_parameter mcp_catalog.parameter;
    v_completion mcp_catalog.completions;
    v_rows jsonb;
    v_values text[];
begin
    if jsonb_typeof(argument -> 'name') is distinct from 'string'
        or jsonb_typeof(argument -> 'value') is distinct from 'string' or length(v_typed) > 1000
    then
        perform mcp_tool.invalid('argument', '{"name": text, "value": text of at most 1000 characters}');
    elsif ref ->> 'type' = 'ref/prompt' then
        select t.* into v_owner
        from mcp_catalog.prompts as p
        cross join lateral jsonb_populate_record(null::mcp_catalog.tools, to_jsonb(p)) as t
        where p.name = ref ->> 'name'
            and has_function_privilege(v_identity.audience, to_regprocedure(p.function), 'execute');
        if not found then
            raise undefined_function using
                message = format('unknown prompt: %s', left(ref ->> 'name', 100)),
                constraint = 'unknown_prompt';
        end if;
    elsif ref ->> 'type' = 'ref/resource' then
        select t.* into v_owner
        from mcp_catalog.resources as r
        cross join lateral jsonb_populate_record(null::mcp_catalog.tools, to_jsonb(r)) as t
        where r.uri = ref ->> 'uri'
            and has_function_privilege(v_identity.audience, to_regprocedure(r.function), 'execute');
        if not found then
            perform mcp_catalog.unknown_resource(ref ->> 'uri');
        end if;
    else
        perform mcp_tool.invalid('ref', '{"type": "ref/prompt", "name"} or {"type": "ref/resource", "uri"}');
    end if;
    select p.* into v_parameter
    from unnest(v_owner.parameters) as p
    where p.client_name = argument ->> 'name';
    if not found then
        perform mcp_tool.invalid('argument', format('an argument of %s', v_owner.name));
    end if;

    select c.* into v_completion
    from mcp_catalog.completions as c
    join pg_proc as f on f.oid = to_regprocedure(c.function) and f.proowner = c.owner
    where format('%s.%s', v_owner.name, v_parameter.name) = any (c.completes)
        and has_function_privilege(v_identity.audience, f.oid, 'execute');
    if found then
        v_rows := mcp_catalog.run_tool(
            jsonb_populate_record(null::mcp_catalog.tools, to_jsonb(v_completion)),
            (
                select coalesce(jsonb_object_agg(p.name, case p.name
                    when 'value' then argument -> 'value'
                    else coalesce(context -> 'arguments', '{}')
                end), '{}')
                from unnest(v_completion.parameters) as p
            ),
            '{}'
        );
        v_values := array(select r.* from jsonb_array_elements_text(v_rows -> 'rows') as r);
    else
        v_values := array(select e.* from jsonb_array_elements_text(
            case v_parameter.json_type
                when 'boolean' then '["true", "false"]'
                else coalesce(v_parameter.schema -> 'enum', '[]')
            end
        ) as e);
    end if;
    perform mcp_auth.clear_context();
    -- one that is told what was typed has chosen and ordered itself
    if not exists (select from unnest(v_completion.parameters) as p where p.name = 'value') then
        v_values := mcp_catalog.rank_completions(v_values, v_typed);
    end if;
    return jsonb_build_object('completion', jsonb_build_object(
        'values', to_jsonb(v_values[:100]),
        'total', cardinality(v_values),
        'hasMore', cardinality(v_values) > 100 or coalesce(v_rows ->> 'truncated', 'false')::boolean
    ));
end
$$;

comment on function mcp.complete(text, jsonb, jsonb, jsonb) is $comment$
Complete an argument of a prompt, or a variable of a resource template, with the tagged function or the labels of its
enum.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim for /complete.
@param ref         {"type": "ref/prompt", "name"} or {"type": "ref/resource", "uri": the template}.
@param argument    {"name", "value": what was typed so far, at most 1000 characters}.
@param context     {"arguments": {name: what the other arguments are already}}.
@returns {"completion": {"values": at most 100, best first, "total", "hasMore"}}; no values where there is nothing to go by.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error NOT_FOUND The prompt or the template does not exist, or is not for the caller.
@error VALIDATION_ERROR It has no such argument.
$comment$;

alter function mcp.complete(text, jsonb, jsonb, jsonb) owner to mcp_core;
revoke all on function mcp.complete(text, jsonb, jsonb, jsonb) from public;
grant execute on function mcp.complete(text, jsonb, jsonb, jsonb) to mcp_server;
