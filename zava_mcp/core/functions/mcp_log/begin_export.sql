create or replace function mcp_log.begin_export(
    identity mcp_auth.identity,
    tool mcp_catalog.tools,
    arguments jsonb,
    request jsonb,
    format text,
    task_id uuid default null,
    lease uuid default null
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_embeddings jsonb := coalesce(request -> 'embeddings', '{}');
    v_room bigint := mcp_log.export_room(identity);
    v_id uuid := gen_random_uuid();
    v_page jsonb;
    v_source jsonb;
begin
    -- a page beside the link is for who asks for its size
    if exists (
        select
        from unnest(tool.parameters) as p
        where p.type_name in ('mcp_tool.page_size', 'mcp_tool.row_limit') and arguments ? p.name
    ) then
        v_page := mcp_catalog.run_tool(tool, arguments, v_embeddings);
    end if;
    v_source := mcp_catalog.run_tool(tool, arguments, v_embeddings, format);
    insert into mcp_log.exports (
        export_id, user_id, credential_id, scope_digest, tool, format, task_id, lease, arguments, request, page, source,
        expires_at
    )
    select
        v_id, identity.user_id, identity.credential_id, mcp_auth.scope_digest(identity), tool.name, begin_export.format,
        begin_export.task_id, begin_export.lease, begin_export.arguments, request - 'embeddings', v_page,
        v_source - 'columns', now() + s.value::bigint * interval '1 millisecond'
    from mcp_catalog.settings as s
    where s.name = 'export_keep_ms';
    return jsonb_build_object('mcp_export', jsonb_build_object(
        'id', v_id,
        'file', v_id || '.' || format,
        'room', v_room,
        'full', format('Your exports may have %s bytes more, and this one has more than that.', v_room),
        'query', (
            select format(
                'with recursive step (n) as (select 1 union all select x.n from step as s cross join lateral '
                'mcp.export_step(s.n) as x (n)) select %s from step as s cross join lateral %s as t (%s)',
                case format
                    when 'jsonl' then 't.c1'
                    else string_agg(format('t.c%s as %I', c.n, case
                        -- a formula, as mcp_catalog.export_column has it
                        when ascii(c.item ->> 'name') in (9, 10, 13, 43, 45, 61, 64, 65291, 65293, 65309, 65312) then '''' else ''
                    end || (c.item ->> 'name')), ', ' order by c.n)
                end,
                case
                    when tool.result_kind = 'set' then format('mcp.export_rows(s.n, %L)', v_id)
                    else format('mcp.export_query_rows(s.n, %L)', v_source ->> 'argument')
                end,
                case format
                    when 'jsonl' then 'c1 text'
                    else string_agg(format('c%s %s', c.n, c.item ->> 'type'), ', ' order by c.n)
                end
            )
            from jsonb_array_elements(v_source -> 'columns') with ordinality as c (item, n)
        ),
        'columns', (
            select jsonb_agg(jsonb_build_object('name', c.item -> 'name', 'type', c.item -> 'parquet') order by c.n)
            from jsonb_array_elements(v_source -> 'columns') with ordinality as c (item, n)
            where format = 'parquet'
        ),
        'options', case format
            when 'csv' then '{"format": "csv", "header": true}'
            when 'parquet' then '{"format": "csv"}'
            -- a JSON text has no control character, so that nothing is quoted
            else '{"format": "csv", "delimiter": "\u0002", "quote": "\u0001"}'
        end::jsonb
    ));
end
$$;

comment on function mcp_log.begin_export(
    mcp_auth.identity, mcp_catalog.tools, jsonb, jsonb, text, uuid, uuid
) is $comment$
Begin an export for a caller whose context is set, and whose arguments were checked. The server executes the COPY in this
transaction, writes what it gives to the file, and calls mcp.end_export.

@param identity   Who calls.
@param tool       The catalogue's row.
@param arguments  What the client sent, without export.
@param request    What came with the call beside its arguments.
@param format     csv, jsonl or parquet.
@param task_id    The task that it is; null a call.
@param lease      What mcp.claim_task gave; null a call.
@returns {"mcp_export": {"id", "file": its name, "room": bytes that the caller may still have, "full": what is said of a larger
file, "query" and "options": of the COPY, "columns": of Parquet, [{"name", "type": [name, parameters]}], else null}}.
@error CONFLICT The caller has as many exports as it may.
@error VALIDATION_ERROR The query cannot be exported, or the cursor is none of this caller, tool and arguments.
$comment$;

alter function mcp_log.begin_export(
    mcp_auth.identity, mcp_catalog.tools, jsonb, jsonb, text, uuid, uuid
) owner to mcp_core;
revoke all on function mcp_log.begin_export(
    mcp_auth.identity, mcp_catalog.tools, jsonb, jsonb, text, uuid, uuid
) from public;
