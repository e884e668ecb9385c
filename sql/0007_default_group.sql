-- What clients are given at /mcp: the tools of group core. One of them, search_tools, finds the
-- others.
update mcp_catalog.settings
set value = '["core"]'
where name = 'default_groups';

update mcp_catalog.settings
set
    value = to_jsonb(
        (value #>> '{}') || ' If no tool that you were given fits, call search_tools: you may call '
        'what it finds. from_date to to_date (today by default) stands in the place of '
        'time_period. Without store_id you get all stores of the caller together. export gives '
        'all rows as a file.'
    )
where name = 'instructions';
