create or replace function mcp_catalog.check_request(request jsonb)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_key text;
    v_value jsonb;
    v_expected text;
    v_length integer;
begin
    if jsonb_typeof(request) is distinct from 'object' then
        perform mcp_tool.invalid('request', 'an object');
    end if;
    -- what nearly every call brings, at a glance; in 500 bytes no text is too long
    if request - array['request_id', 'client', 'trace_id', 'capabilities'] = '{}'
        and octet_length(request::text) <= 500
        and not request @? '$ ? (
            @.request_id.type() != "string" || @.client.type() != "string"
            || @.trace_id.type() != "string" || @.capabilities.type() != "object"
        )'
    then
        return;
    end if;
    for v_key, v_value in select e.* from jsonb_each(request) as e loop
        v_expected := case
            when v_key in ('request_id', 'client', 'trace_id', 'embedding_model', 'state') then 'string'
            when v_key in ('embeddings', 'answers', 'capabilities') then 'object'
        end;
        v_length := case v_key when 'state' then 100000 else 500 end;
        if v_expected is null then
            perform mcp_tool.invalid(
                'request', format(
                    'free of the key %s: use request_id, client, trace_id, embedding_model, embeddings, answers, state, '
                    'capabilities', v_key
                )
            );
        elsif jsonb_typeof(v_value) <> v_expected or v_expected = 'string' and length(v_value #>> '{}') > v_length then
            perform mcp_tool.invalid(
                'request.' || v_key,
                case v_expected when 'string' then format('text of at most %s characters', v_length) else 'an object' end
            );
        end if;
    end loop;
end
$$;

comment on function mcp_catalog.check_request(jsonb) is $comment$
Check the members of a call's request other than its arguments.

@param request  {"request_id", "client", "trace_id", "embedding_model": text, "embeddings": {parameter: numbers}, "answers":
{key: what the client answered}, "state": text that came with the questions, "capabilities": the client's}; every key
may be absent.
@error VALIDATION_ERROR It is no object, has an unknown key, or a value of another type.
$comment$;

alter function mcp_catalog.check_request(jsonb) owner to mcp_core;
revoke all on function mcp_catalog.check_request(jsonb) from public;
