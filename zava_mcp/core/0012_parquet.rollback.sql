-- Mirrors 0012 backwards.
delete from mcp_log.exports where format = 'parquet';
comment on column mcp_log.exports.format is 'csv or jsonl.';
alter table mcp_log.exports
drop constraint exports_format_check,
add constraint exports_format_check check (format in ('csv', 'jsonl'));

update mcp_catalog.tools set exports = nullif(array_remove(exports, 'parquet'), '{}')
where 'parquet' = any(exports);
alter table mcp_catalog.tools
drop constraint tools_exports_check,
add constraint tools_exports_check check (exports <@ array['csv', 'jsonl'] and exports <> '{}');
