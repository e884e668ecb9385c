create or replace function api_name.skill_name()
returns text
language sql
immutable
security definer
set search_path = pg_catalog, pg_temp
return '# Skill title

1. **First step.** Call ...
2. **The answer.** Say ...
';

comment on function api_name.skill_name() is $comment$
Skill title.

Use it when somebody asks for ...

@skill title="Skill title"
$comment$;

alter function api_name.skill_name() owner to mcp_tools;
revoke all on function api_name.skill_name() from public;
-- mcp_core, and the audiences that may read it
grant execute on function api_name.skill_name()
to mcp_core, audience_name;
