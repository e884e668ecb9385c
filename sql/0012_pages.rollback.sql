-- Mirrors 0012 backwards.
delete from auth.signing_keys
where purpose = 'cursor';
-- squawk-ignore ban-drop-constraint
alter table auth.signing_keys drop constraint signing_keys_purpose_check;
-- squawk-ignore constraint-missing-not-valid
alter table auth.signing_keys add constraint signing_keys_purpose_check check (
    purpose in ('context', 'assertion', 'assertion_previous', 'call_log')
);
alter table mcp.tools drop column has_columns;
alter table mcp.tools drop column page_key;
drop domain tool.cursor;
drop domain tool.page_size;
