-- Mirrors 0015 backwards.
delete from auth.signing_keys where purpose = 'state';
do $$
declare
    v_check text := (
        select pg_get_constraintdef(c.oid)
        from pg_catalog.pg_constraint as c
        where c.conrelid = 'auth.signing_keys'::regclass and c.conname = 'signing_keys_purpose_check'
    );
begin
    alter table auth.signing_keys drop constraint signing_keys_purpose_check;
    execute 'alter table auth.signing_keys add constraint signing_keys_purpose_check '
        || replace(v_check, '''state''::text, ', '');
end
$$;
comment on column mcp.call_log.tool is 'The tool as the client named it, cut to 200 characters.';
comment on table mcp.call_log is
'One row a call of a tool. Written by mcp.log_call, changed by nobody; mcp.drop_call_log drops '
'whole days.';
comment on table mcp.exposed_schemas is 'Schemas whose functions are offered as tools.';
comment on column mcp.exposed_schemas.schema is 'Name of a schema.';
drop table mcp.completions;
drop table mcp.prompts;
drop table mcp.resources;
alter table mcp.tools drop column asks_first;
delete from mcp.tools where result_kind = 'content';
comment on column mcp.tools.result_kind is
'set, row, scalar or void: the form of the structured result.';
alter table mcp.tools drop constraint tools_result_kind_check;
alter table mcp.tools add constraint tools_result_kind_check check (
    result_kind in ('set', 'row', 'scalar', 'void')
);
delete from mcp.settings where name = 'list_page_size';
revoke usage on schema mcp from zava_tools;
drop type mcp.prompt_message;
drop domain mcp.result;
