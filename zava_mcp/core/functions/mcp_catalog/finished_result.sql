create or replace function mcp_catalog.finished_result(result jsonb, method text, revision text)
returns text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- bytes of JSON; what is smaller fits into every answer
    c_small constant integer := 7500;
    v_text text;
    v_bytes bigint;
    v_most bigint;
begin
    if result ?& array['ask', 'state'] and result - array['ask', 'state'] = '{}' then
        result := jsonb_build_object(
            'resultType', 'input_required', 'inputRequests', result -> 'ask', 'requestState', result -> 'state'
        );
    elsif method = 'tools/call' and result ?& array['content', 'isError'] then
        result := result || jsonb_build_object('content', (
            select coalesce(jsonb_agg(mcp_catalog.visible_block(c.block) order by c.position), '[]')
            from jsonb_array_elements(result -> 'content') with ordinality as c (block, position)
        ));
    elsif method = 'tools/call' then
        -- the shim adds the same as text: rows travel once
        v_text := '{"structuredContent":' || result::text || ',"isError":false}';
        if octet_length(v_text) <= c_small then
            return v_text;
        end if;
        v_bytes := mcp_catalog.sent_bytes(result::text);
    elsif method = 'prompts/get' then
        result := result || jsonb_build_object('messages', (
            select coalesce(jsonb_agg(
                m.message || jsonb_build_object('content', mcp_catalog.visible_block(m.message -> 'content'))
                order by m.position
            ), '[]')
            from jsonb_array_elements(result -> 'messages') with ordinality as m (message, position)
        ));
    elsif method = 'resources/read' then
        result := result || jsonb_build_object('contents', (
            select jsonb_agg(mcp_catalog.visible_block(c.block) order by c.position)
            from jsonb_array_elements(result -> 'contents') with ordinality as c (block, position)
        ));
    end if;
    -- revisions are dates; how long a client may keep the answer
    if revision >= '2026-07-28' and method in (
        'tools/list', 'resources/list', 'resources/templates/list', 'prompts/list', 'resources/read',
        'skills/list', 'skills/get'
    ) then
        result := result || jsonb_build_object(
            'ttlMs', case method when 'resources/read' then 0 else 60000 end, 'cacheScope', 'private'
        );
    end if;
    v_text := coalesce(v_text, result::text);
    v_bytes := coalesce(v_bytes, octet_length(v_text));
    if v_bytes > c_small then
        select s.value::bigint into v_most from mcp_catalog.settings as s where s.name = 'max_answer_bytes';
        if v_bytes > v_most then
            raise program_limit_exceeded using
                message = format('the answer has %s bytes, and may have %s', v_bytes, v_most),
                hint = 'Ask for less: fewer columns, a shorter period, a smaller page, or a filter.',
                constraint = 'max_answer_bytes';
        end if;
    end if;
    return v_text;
end
$$;

comment on function mcp_catalog.finished_result(jsonb, text, text) is $comment$
Return the result object of a method, for the client's protocol revision.

@param result    What the entry point of the method answered.
@param method    The method, as in tools/call.
@param revision  The client's revision of the protocol, a date.
@returns JSON text: of rows and values {"structuredContent", "isError"}, to which the shim adds the same as text; of questions
{"resultType": "input_required", "inputRequests", "requestState"}; of all else the result object. No text in it hides anything.
@error VALIDATION_ERROR It is longer than max_answer_bytes of mcp_catalog.settings, rows and values counted twice.
$comment$;

alter function mcp_catalog.finished_result(jsonb, text, text) owner to mcp_core;
revoke all on function mcp_catalog.finished_result(jsonb, text, text) from public;
