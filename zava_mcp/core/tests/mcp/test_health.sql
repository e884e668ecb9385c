-- mcp.health: what the shim learns about the state of the database.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(12);

create function pg_temp.health()
returns jsonb
language sql
return tests.value_as_login('demo_server', 'mcp.health()');

select is(
    pg_temp.health() -> 'versions',
    (select jsonb_agg(v.tree || '/' || v.id order by v.tree, v.id) from mcp_migrate.version as v),
    'the versioned files that ran'
);
select ok(pg_temp.health() -> 'versions' ? 'core/0005_operations', 'the core''s among them');
select is(
    pg_temp.health() #>> '{files_digests,core}',
    (
        select
            encode(sha256(convert_to(
                string_agg(f.path || ' ' || f.sha256, E'\n' order by f.path collate "C"), 'UTF8'
            )), 'hex')
        from mcp_migrate.file as f
        where f.tree = 'core'
    ),
    'one digest over the managed files of a tree'
);
select is(
    pg_temp.health() #> '{catalog,tools}',
    (select to_jsonb(count(*)) from mcp_catalog.tools),
    'how many tools there are'
);
update mcp_catalog.catalog_state set is_stale = true;
select is(pg_temp.health() #> '{catalog,is_stale}', 'true', 'whether the catalogue is stale');
insert into mcp_catalog.catalog_refusal (function, reason)
values ('demo_api.bad()', 'it has no comment');
select is(
    pg_temp.health() #> '{catalog,refusals}',
    '["demo_api.bad(): it has no comment"]',
    'what was refused'
);
update mcp_log.upkeep set ran_at = null, report = '{}';
select is(
    jsonb_build_array(pg_temp.health() -> 'maintained_at', pg_temp.health() -> 'maintain_problems'),
    '[null, []]',
    'upkeep that never ran'
);
update mcp_log.upkeep set ran_at = now(), report = '{"problems": ["sealed: no"]}';
select is(
    jsonb_build_array(
        (pg_temp.health() ->> 'maintained_at')::timestamptz = now(),
        pg_temp.health() -> 'maintain_problems'
    ),
    '[true, ["sealed: no"]]',
    'upkeep that had a problem'
);
update mcp_catalog.settings set value = 'false' where name = 'lockdown';
select is(pg_temp.health() -> 'lockdown', 'false', 'whether the database is locked down');
select is(
    pg_temp.health() - array['catalog', 'versions', 'files_digests', 'maintained_at']
    - array['maintain_problems', 'lockdown'],
    '{"is_read_only": false, "problems": []}',
    'a database that can be written, and a login that may serve'
);
set local transaction_read_only = on;
select is(pg_temp.health() -> 'is_read_only', 'true', 'one that cannot, as a standby');
select is(
    has_function_privilege('mcp_tools', 'mcp.health()', 'execute'), false, 'no tool may ask'
);

select finish();
rollback;
