create or replace function mcp.health()
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return jsonb_build_object(
        'catalog', (
            select jsonb_build_object(
                'version', c.digest,
                'is_stale', c.is_stale,
                'tools', (select count(*) from mcp_catalog.tools),
                'refusals', coalesce((
                    select jsonb_agg(format('%s: %s', r.function, r.reason) order by r.function, r.reason)
                    from mcp_catalog.catalog_refusal as r
                ), '[]')
            )
            from mcp_catalog.catalog_state as c
        ),
        'versions', coalesce(
            (select jsonb_agg(v.tree || '/' || v.id order by v.tree, v.id) from mcp_migrate.version as v), '[]'
        ),
        'files_digests', coalesce((
            select jsonb_object_agg(f.tree, f.digest)
            from (
                select
                    m.tree,
                    encode(sha256(convert_to(
                        string_agg(m.path || ' ' || m.sha256, E'\n' order by m.path collate "C"), 'UTF8'
                    )), 'hex') as digest
                from mcp_migrate.file as m
                group by m.tree
            ) as f
        ), '{}'),
        'is_read_only', current_setting('transaction_read_only', true)::boolean,
        'problems', mcp.check_login() -> 'problems',
        'lockdown', (select s.value from mcp_catalog.settings as s where s.name = 'lockdown'),
        'maintained_at', (select u.ran_at from mcp_log.upkeep as u),
        'maintain_problems', (select coalesce(u.report -> 'problems', '[]') from mcp_log.upkeep as u)
    );
end
$$;

comment on function mcp.health() is $comment$
Return the state of the database for the server's readiness and "zava-mcp doctor". No secret, no row of the application.

@returns {"catalog": {"version", "is_stale", "tools", "refusals": [sentences]}, "versions":
["tree/id" of the versioned files that ran], "files_digests": {tree: SHA-256 over path and SHA-256 of its managed files},
"is_read_only": as a standby is, "problems": of the login that asks, as mcp.check_login gives them, "lockdown", "maintained_at":
when mcp.maintain ran last or null, "maintain_problems": [sentences]}.
$comment$;

alter function mcp.health() owner to mcp_core;
revoke all on function mcp.health() from public;
grant execute on function mcp.health() to mcp_server;
