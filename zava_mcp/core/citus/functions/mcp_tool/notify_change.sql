create or replace function mcp_tool.notify_change()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sent text;
begin
    -- no transaction that notifies is committed in two phases, as on the workers; there nobody
    -- listens: mcp_log.log_write tells of what a tool wrote
    if mcp_auth.is_own_session() then
        -- the same text all through a transaction, so that it is sent once, however many tables
        v_sent := pg_notify('mcp_data', pg_backend_pid() || ' ' || now());
    end if;
    return null;
end
$$;
