-- What an audience may ask: its tools, resources, prompts, and the arguments that can be completed.
-- is_granted is false for a tool of others.
select
    'tool' as kind,
    t.name,
    null as uri,
    to_jsonb(t.parameters) as parameters,
    t.is_read_only,
    has_function_privilege(current_setting('prove.audience'), to_regprocedure(t.function), 'execute') as is_granted,
    to_regprocedure(t.function)::oid as function,
    '{}'::text[] as completed
from mcp_catalog.tools as t
union all
select
    'resource',
    r.name,
    r.uri,
    to_jsonb(r.parameters),
    true,
    has_function_privilege(current_setting('prove.audience'), to_regprocedure(r.function), 'execute'),
    to_regprocedure(r.function)::oid,
    array(
        select p.client_name
        from unnest(r.parameters) as p
        inner join mcp_catalog.completions as c on format('%s.%s', r.name, p.name) = any(c.completes)
    )
from mcp_catalog.resources as r
union all
select
    'prompt',
    p.name,
    null,
    to_jsonb(p.parameters),
    true,
    has_function_privilege(current_setting('prove.audience'), to_regprocedure(p.function), 'execute'),
    to_regprocedure(p.function)::oid,
    array(
        select a.client_name
        from unnest(p.parameters) as a
        inner join mcp_catalog.completions as c on format('%s.%s', p.name, a.name) = any(c.completes)
    )
from mcp_catalog.prompts as p
order by 1, 2;
