create or replace function mcp_tool.log_inserts()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id uuid := mcp_auth.current_user_id();
    v_row jsonb;
begin
    -- row by row: no statement joins a transition table with a distributed table
    for v_row in
        select to_jsonb(n.*) from new_rows as n
    loop
        execute format(
            'insert into %1$I.%2$I (%3$I, table_name, operation, user_id, new_row) '
            'values (%6$L, %4$L, %5$L, $1, $2)',
            tg_argv[0], tg_argv[1], tg_argv[2],
            coalesce(tg_argv[3], mcp_tool.logged_name(tg_relid, tg_argv[0])), lower(tg_op),
            v_row ->> tg_argv[2]
        )
        using v_user_id, v_row;
    end loop;
    return null;
end
$$;
