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
            'instructions', (select s.value from mcp.settings as s where s.name = 'instructions'),
            'tools', coalesce((
                select
                    jsonb_object_agg(
                        t.name, jsonb_build_object('timeout_ms', t.timeout_ms, 'embed', t.embeds)
                    )
                from mcp.tools as t
            ), '{}')
        )
    from mcp.catalog_state as c;
end;

comment on function mcp.shim_catalog() is $comment$
What the shim itself needs of the catalogue: timeouts, and which arguments to embed. Never sent to a client.

@returns {"version", "instructions", "tools": {name: {"timeout_ms", "embed": {argument: {"parameter", "dimensions"}}}}}.
$comment$;

alter function mcp.shim_catalog() owner to zava_auth;
revoke all on function mcp.shim_catalog() from public;
grant execute on function mcp.shim_catalog() to zava_mcp;
