create or replace function mcp_tool.log_change()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        'insert into %1$I.%2$I (%3$I, table_name, operation, user_id, old_row, new_row) '
        'values (($1).%3$I, %4$L, %5$L, $3, to_jsonb($1), to_jsonb($2))',
        tg_argv[0], tg_argv[1], tg_argv[2],
        coalesce(tg_argv[3], mcp_tool.logged_name(tg_relid, tg_argv[0])), lower(tg_op)
    )
    using old, new, mcp_auth.current_user_id();
    return null;
end
$$;

comment on function mcp_tool.log_change() is $comment$
Write a row that was updated or deleted into a change log: who changed it, and the row before and after.

For a trigger after update or delete, for each row, with three or four arguments: schema and name of the log; the column of
the table that says whose row it is, which the log has too; and the table's name in the log, where it is not what
mcp_tool.logged_name gives: its own name, of a partition that of its table, with the schema where the log is in another one.
The log has the columns table_name, operation, user_id, old_row and new_row, and
grants INSERT on these to mcp_core. mcp_tool.log_inserts() writes new rows.
@error DATABASE_ERROR The log or one of its columns does not exist, or mcp_core may not insert into it.
$comment$;

alter function mcp_tool.log_change() owner to mcp_core;
revoke all on function mcp_tool.log_change() from public;
