-- Mirrors 0009 backwards.
drop table mcp_log.exports;
delete from mcp_catalog.settings where name = 'export_keep_ms';
alter table mcp_auth.limits
drop column exports,
drop column export_bytes;
alter table mcp_catalog.completions drop column exports;
alter table mcp_catalog.prompts drop column exports;
alter table mcp_catalog.resources drop column exports;
alter table mcp_catalog.tools
drop column exports,
drop constraint tools_task_check,
add constraint tools_task_check check (task in ('allowed', 'required'));
comment on column mcp_catalog.tools.task is
'allowed: a call may become a task. required: it must. Null: it never does.';
