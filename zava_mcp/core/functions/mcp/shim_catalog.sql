create or replace function mcp.shim_catalog()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        jsonb_build_object(
            'version', c.digest,
            'instructions',
            (select s.value from mcp_catalog.settings as s where s.name = 'instructions'),
            'log_arguments',
            (select s.value from mcp_catalog.settings as s where s.name = 'log_arguments'),
            'groups', (
                select jsonb_agg(distinct g.name)
                from (
                    select unnest(t.groups) from mcp_catalog.tools as t
                    union all
                    values ('all')
                ) as g (name)
            ),
            'tools', coalesce((
                select
                    jsonb_object_agg(
                        n.name,
                        jsonb_build_object(
                            'timeout_ms', t.timeout_ms,
                            'embed', t.embeds,
                            'sandbox', p.proowner::regrole::text = 'mcp_sandbox',
                            'writes', not t.is_read_only,
                            'task', n.begins or coalesce(t.task <> 'export', false),
                            'exports', coalesce(to_jsonb(t.exports), 'false'),
                            'content', t.result_kind = 'content',
                            'asks_first', coalesce(t.asks_first, false),
                            'repeatable',
                            t.is_read_only or (t.annotations ->> 'idempotentHint')::boolean,
                            'cache_seconds',
                            case
                                when t.is_read_only and not n.begins then t.cache_seconds else 0
                            end
                        )
                    )
                from mcp_catalog.tools as t
                inner join pg_catalog.pg_proc as p on to_regprocedure(t.function) = p.oid
                cross join
                    lateral (
                        values (t.name, false),
                        (case when t.has_pair then t.name || '_start' end, true)
                    ) as n (name, begins)
                where n.name is not null
            ), '{}') || coalesce((
                select
                    jsonb_object_agg(
                        o.name,
                        '{"timeout_ms": 10000, "embed": {}, "sandbox": false, "writes": false, '
                        '"task": true, "exports": false, "content": true, "asks_first": false, '
                        '"repeatable": true, "cache_seconds": 0}'::jsonb
                    )
                from (values ('get_task'), ('cancel_task')) as o (name)
                where exists (select from mcp_catalog.tools as t where t.has_pair)
            ), '{}')
        )
    from mcp_catalog.catalog_state as c;
end;

comment on function mcp.shim_catalog() is $comment$
Return what the shim itself needs of the catalogue: timeouts, which arguments to embed, which tools run a caller's own
SQL, which ones write and so are logged by the database, which ones may become a task, in which formats they export their
result, which ones answer content or ask first, which ones may be sent again when their outcome is not known, for how long
an answer may be kept, and whether the arguments of calls are logged. Never sent to a client.

@returns {"version", "instructions", "log_arguments": boolean, "groups": [names], "tools": {name: {"timeout_ms",
"embed": {argument: {"parameter", "dimensions"}}, "sandbox": boolean, "writes": boolean, "task": boolean,
"exports": [formats] or false, "content": boolean, "asks_first": boolean, "repeatable": boolean, "cache_seconds"}}}.
$comment$;

alter function mcp.shim_catalog() owner to mcp_core;
revoke all on function mcp.shim_catalog() from public;
grant execute on function mcp.shim_catalog() to mcp_server;
