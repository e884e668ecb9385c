-- Mirrors 0007 backwards.
update mcp_catalog.settings
set
    value = to_jsonb(regexp_replace(value #>> '{}', ' If no tool that you were given fits,.*$', ''))
where name = 'instructions';
update mcp_catalog.settings
set value = '[]'
where name = 'default_groups';
