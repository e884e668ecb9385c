-- Mirrors 0016 backwards.
-- squawk-ignore-file changing-column-type -- the tables have few rows
delete from mcp_migrate.lockdown_grants where object = 'to_regprocedure(text)';

alter table mcp_catalog.tools drop column owner;
alter table mcp_catalog.resources drop column owner;
alter table mcp_catalog.prompts drop column owner;
alter table mcp_catalog.completions drop column owner;
alter table mcp_catalog.hooks drop column owner;

delete from mcp_catalog.tools where to_regprocedure(function) is null;
delete from mcp_catalog.resources where to_regprocedure(function) is null;
delete from mcp_catalog.prompts where to_regprocedure(function) is null;
delete from mcp_catalog.completions where to_regprocedure(function) is null;
delete from mcp_catalog.skills;

alter table mcp_catalog.skills
alter column function type regprocedure using function::regprocedure,
alter column named type regprocedure [] using named::regprocedure [];
-- 1 is no function: a hook whose function is gone fails, since without a hook all would be in scope
alter table mcp_catalog.hooks
alter column function type regprocedure
using coalesce(to_regprocedure(function), 1::oid::regprocedure);
alter table mcp_catalog.completions
alter column function type regprocedure using function::regprocedure;
alter table mcp_catalog.prompts
alter column function type regprocedure using function::regprocedure;
alter table mcp_catalog.resources
alter column function type regprocedure using function::regprocedure;
alter table mcp_catalog.tools
alter column function type regprocedure using function::regprocedure;

comment on column mcp_catalog.tools.function is 'The function.';
comment on column mcp_catalog.resources.function is 'The function.';
comment on column mcp_catalog.prompts.function is 'The function.';
comment on column mcp_catalog.completions.function is 'The function.';
comment on column mcp_catalog.hooks.function is 'The function that answers it.';
comment on column mcp_catalog.skills.function is 'The function that returns its text.';
comment on column mcp_catalog.skills.named is
'Functions of exposed schemas that its text names: it is for those who may execute them all.';
