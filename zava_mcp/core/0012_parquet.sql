-- Exports as Parquet, which keeps the types of the columns.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid -- the tables have few rows
alter table mcp_catalog.tools
drop constraint tools_exports_check,
add constraint tools_exports_check
check (exports <@ array['csv', 'jsonl', 'parquet'] and exports <> '{}');

alter table mcp_log.exports
drop constraint exports_format_check,
add constraint exports_format_check check (format in ('csv', 'jsonl', 'parquet'));
comment on column mcp_log.exports.format is 'csv, jsonl or parquet.';
