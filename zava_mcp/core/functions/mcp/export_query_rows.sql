create or replace function mcp.export_query_rows(step integer, argument text)
returns setof record
language plpgsql
volatile
security definer
-- the owner is mcp_sandbox: the query may do what a free query may do
set search_path = mcp_sandbox, pg_catalog, pg_temp
as $$
declare
    v_count bigint;
begin
    begin -- the read-only mode ends with this block
        set local transaction_read_only = on;
        return query execute 'fetch forward 1000 from mcp_query';
        get diagnostics v_count = row_count;
    exception
        -- a bound of the server, temp_file_limit or its memory
        when out_of_memory or configuration_limit_exceeded then
            raise program_limit_exceeded using
                message = 'the query needs more memory or disk than one query may use',
                hint = 'Narrow it, or aggregate in smaller steps.',
                column = argument, constraint = 'one SELECT of moderate size';
        when data_exception or feature_not_supported or cardinality_violation or read_only_sql_transaction
            or program_limit_exceeded then
            raise exception using
                errcode = sqlstate, message = sqlerrm,
                column = argument, constraint = 'one SELECT that runs without errors';
    end;
    if v_count < 1000 then
        set local app.export = 'done';
    end if;
end
$$;

comment on function mcp.export_query_rows(integer, text) is $comment$
Read the next rows of the query that mcp_catalog.open_query opened in this transaction, with the rights of free queries.

@param step      Number of the step, of no other use.
@param argument  The tool's argument that holds the query, for errors.
@returns At most 1000 rows, of the columns that the COPY names.
@error VALIDATION_ERROR The query fails: PostgreSQL's message.
$comment$;

alter function mcp.export_query_rows(integer, text) owner to mcp_sandbox;
revoke all on function mcp.export_query_rows(integer, text) from public;
grant execute on function mcp.export_query_rows(integer, text) to mcp_server;
