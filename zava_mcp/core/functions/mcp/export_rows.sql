create or replace function mcp.export_rows(step integer, export_id uuid)
returns setof record
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_source jsonb := (
        select e.source
        from mcp_log.exports as e
        where e.export_id = export_rows.export_id and e.user_id = (mcp_auth.context()).user_id
    );
    v_count bigint;
begin
    begin -- the read-only mode ends with this block
        set local transaction_read_only = on;
        if v_source ->> 'page' is not null then
            return query execute v_source ->> 'page'
            using (v_source -> 'parameters')
                || jsonb_build_object('cursor', nullif(current_setting('app.export_start', true), '')::jsonb);
        else
            return query execute 'fetch forward 1000 from mcp_export';
        end if;
        get diagnostics v_count = row_count;
    exception
        -- raised by nobody: what may be caught makes the block a subtransaction, with which the mode ends
        when sqlstate 'ZZ001' then null;
    end;
    if v_count < 1000 then
        set local app.export = 'done';
    end if;
end
$$;

comment on function mcp.export_rows(integer, uuid) is $comment$
Read the next rows of the result that mcp_catalog.open_export began to read in this transaction: a page, or as many of a cursor.

@param step       Number of the step, of no other use.
@param export_id  The export.
@returns At most 1000 rows, of the columns that the COPY names.
$comment$;

alter function mcp.export_rows(integer, uuid) owner to mcp_core;
revoke all on function mcp.export_rows(integer, uuid) from public;
grant execute on function mcp.export_rows(integer, uuid) to mcp_server;
