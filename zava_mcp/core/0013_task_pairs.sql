-- Tasks for clients that know none: a tool with @tool pair is also offered as NAME_start, beside
-- get_task and cancel_task.
alter table mcp_catalog.tools add column has_pair boolean;
comment on column mcp_catalog.tools.has_pair is
'Whether clients that know no tasks are offered NAME_start besides; null not.';

-- what runs as a tool does has the columns of one
do $$
declare
    v_table name;
begin
    foreach v_table in array array['resources', 'prompts', 'completions'] loop
        execute format('alter table mcp_catalog.%I add column has_pair boolean', v_table);
        execute format('comment on column mcp_catalog.%I.has_pair is ''Null.''', v_table);
    end loop;
end
$$;
