-- Mirrors 0001 backwards; the users stay in the call log's history, so they are only deactivated.
update mcp_auth.users set is_active = false where name in ('Demo north', 'Demo south');
delete from NAME.notes where body like 'North: %' or body like 'South: %';
drop schema NAME_demo;
