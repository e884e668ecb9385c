-- mcp_catalog.seal_cursor: the seal is the HMAC of caller, tool, arguments and page, and of nothing
-- else.
begin;
set local search_path = tests, ext, public;
select plan(18);

-- a known key in the place of the random one: "Jefe" with the pads of RFC 2104
update mcp_auth.signing_keys set
    inner_key = '\x7c535053' || decode(repeat('36', 60), 'hex'),
    outer_key = '\x16393a39' || decode(repeat('5c', 60), 'hex')
where purpose = 'cursor';

create function pg_temp.seal(
    arguments text default '{"a": 1}',
    page_start text default 'e30=',
    tool text default 'test',
    last_digit text default '1',
    audience name default 'demo_admins'
)
returns text
language plpgsql
as $$
begin
    perform mcp_auth.set_context(row(
        '00000000-0000-7000-8000-00000000000' || last_digit, 'Test', audience, '{}', 'test', '{}'
    )::mcp_auth.identity);
    return (
        select r ->> 'seal'
        from tests.rows_as(
            null,
            format(
                'select mcp_catalog.seal_cursor(jsonb_populate_record(null::mcp_catalog.tools, %L), %L, %L) as seal',
                jsonb_build_object('name', tool), arguments, page_start
            ),
            'mcp_core'
        ) as r
    );
end
$$;

select is(
    pg_temp.seal(),
    '726501e6f3c4687882ea270c82fbde60',
    'half of the HMAC-SHA256 of '
    '["00000000-0000-7000-8000-000000000001", "demo_admins", "test", {"a": 1}, "e30="]'
);
select is(pg_temp.seal(s.arguments), pg_temp.seal(), format('the same: %s', s.arguments))
from unnest(array[
    '{"a": 1, "page_size": 7}', '{"a": 1, "cursor": "x", "page_size": null}', '{"a":   1}'
]) as s (arguments);
select isnt(pg_temp.seal(s.arguments), pg_temp.seal(), format('another: %s', s.arguments))
from unnest(array[
    '{"a": 2}', '{"a": 1, "b": null}', '{"a": "1"}', '{}', '{"a": 1, "page": 7}'
]) as s (arguments);
select isnt(s.seal, pg_temp.seal(), format('another: of another %s', s.what))
from (
    values
    ('page', pg_temp.seal(page_start => 'e30')),
    ('tool', pg_temp.seal(tool => 'test2')),
    ('user of the audience', pg_temp.seal(last_digit => '2')),
    ('audience of the user', pg_temp.seal(audience => 'demo_members'))
) as s (what, seal);

-- who may execute it
select
    is(
        has_function_privilege(
            r.role, 'mcp_catalog.seal_cursor(mcp_catalog.tools, jsonb, text)', 'execute'
        ),
        r.role = 'mcp_core',
        format('%s may execute it: %s', r.role, r.role = 'mcp_core')
    )
from
    unnest(
        array['mcp_core', 'mcp_tools', 'mcp_sandbox', 'demo_server', 'demo_members']
    ) as r (role);

select finish();
rollback;
