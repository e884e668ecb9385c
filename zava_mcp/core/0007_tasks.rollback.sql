-- Mirrors 0007 backwards.
drop table mcp_log.tasks;
delete from mcp_catalog.settings
where name in ('default_task_timeout_ms', 'task_keep_ms', 'task_poll_ms', 'task_lease_ms');
alter table mcp_auth.limits
drop column tasks,
drop column concurrent_tasks;
alter table mcp_catalog.completions
drop column task,
drop column task_timeout_ms,
drop column task_asks_first;
alter table mcp_catalog.prompts
drop column task,
drop column task_timeout_ms,
drop column task_asks_first;
alter table mcp_catalog.resources
drop column task,
drop column task_timeout_ms,
drop column task_asks_first;
alter table mcp_catalog.tools
drop column task,
drop column task_timeout_ms,
drop column task_asks_first;
