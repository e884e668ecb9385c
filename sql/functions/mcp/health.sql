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
                'tools', (select count(*) from mcp.tools),
                'refusals', coalesce((
                    select jsonb_agg(format('%s: %s', r.function, r.reason) order by r.function, r.reason)
                    from mcp.catalog_refusal as r
                ), '[]')
            )
            from mcp.catalog_state as c
        ),
        'versions', coalesce((select jsonb_agg(v.id order by v.id) from migrate.version as v), '[]'),
        'files_digest', (
            select encode(sha256(convert_to(
                coalesce(string_agg(f.path || ' ' || f.sha256, E'\n' order by f.path collate "C"), ''), 'UTF8'
            )), 'hex')
            from migrate.file as f
        ),
        'lockdown', (select s.value from mcp.settings as s where s.name = 'lockdown'),
        'maintained_at', (select u.ran_at from mcp.upkeep as u),
        'maintain_problems', (select coalesce(u.report -> 'problems', '[]') from mcp.upkeep as u)
    );
end
$$;

comment on function mcp.health() is $comment$
What the shim's readiness and "server.py check" have to know of the database. No secret, no row of the application.

@returns {"catalog": {"version", "is_stale", "tools", "refusals": [sentences]}, "versions": [versioned
files that ran], "files_digest": SHA-256 over path and SHA-256 of the managed files as they were last stated, "lockdown",
"maintained_at": when mcp.maintain ran last or null, "maintain_problems": [sentences]}.
$comment$;

alter function mcp.health() owner to zava_auth;
revoke all on function mcp.health() from public;
grant execute on function mcp.health() to zava_mcp;
