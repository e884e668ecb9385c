create or replace function mcp_tool.run_query(
    query mcp_tool.query_text,
    max_rows mcp_tool.row_limit,
    argument text default 'query'
)
returns mcp_tool.query_result
language plpgsql
-- stable: PostgreSQL itself then refuses anything but reading in the cursor below
stable
-- invoker, and no search_path: the text runs as the tool that calls this, and finds what that finds
security invoker
set cursor_tuple_fraction = 1.0
as $$
declare
    -- more is not read; what an answer holds of it, mcp_catalog.run_tool decides
    c_max_bytes constant integer := 1000000;
    v_cursor refcursor;
    v_row record;
    v_pairs json;
    v_values jsonb;
    v_bytes integer := 0;
    v_is_open boolean := false;
    v_hint text;
    v_table text;
    v_context text;
    v_result mcp_tool.query_result;
    v_rows jsonb[] := '{}';
begin
    v_result.truncated := false;
    -- a keyword has one spelling, so that this word cannot hide; which rows a sample takes tells their places
    if run_query.query ~* '\mtablesample\M' then
        raise feature_not_supported using
            message = 'TABLESAMPLE is not available',
            hint = 'Omit it; for a sample use order by random() limit n.',
            column = run_query.argument, constraint = 'one SELECT without TABLESAMPLE';
    end if;
    begin
        -- the text as it came: one statement, a SELECT, and no wrapper to break out of
        open v_cursor no scroll for execute run_query.query;
        v_is_open := true;
        if mcp_tool.take_query(run_query.query, run_query.argument) then
            close v_cursor;
            v_result.columns := '{}';
            v_result.rows := '[]';
            v_result.row_count := 0;
            return v_result;
        end if;
        loop
            fetch v_cursor into v_row;
            -- row_to_json keeps duplicate column names, jsonb would not; of no row it still names the columns
            v_pairs := row_to_json(v_row);
            if v_result.columns is null then
                v_result.columns := array(select e.key from json_each(v_pairs) as e);
            end if;
            exit when not found;
            v_values := coalesce((select jsonb_agg(e.value) from json_each(v_pairs) as e), '[]');
            v_bytes := v_bytes + octet_length(v_values::text);
            if cardinality(v_rows) = run_query.max_rows or v_bytes > c_max_bytes then
                v_result.truncated := true;
                exit;
            end if;
            v_rows := v_rows || v_values;
        end loop;
    exception
        -- a bound of the server, temp_file_limit or its memory
        when out_of_memory or configuration_limit_exceeded then
            raise program_limit_exceeded using
                message = 'the query needs more memory or disk than one query may use',
                hint = 'Narrow it, or aggregate in smaller steps.',
                column = run_query.argument, constraint = 'one SELECT of moderate size';
        when data_exception or syntax_error_or_access_rule_violation or feature_not_supported
            or cardinality_violation or read_only_sql_transaction or program_limit_exceeded then
            get stacked diagnostics v_hint = pg_exception_hint, v_context = pg_exception_context;
            -- a parse error carries its position, which only raising it as it is keeps; so does what is not allowed
            if sqlstate = '42501' and starts_with(sqlerrm, 'permission denied for function ') then
                raise insufficient_privilege using
                    message = sqlerrm,
                    hint = 'Built-in functions that only compute are available; strpos(), btrim(), replace() and others '
                        'that long texts slow down only by these plain names, without a schema. Build '
                        'text with || and concat_ws.';
            end if;
            if sqlstate = '42501' and sqlerrm ~ '^permission denied for (table|view|materialized view|foreign table) ' then
                raise insufficient_privilege using
                    message = sqlerrm,
                    hint = 'Use columns that the table schemas list. System columns such as ctid are not available.';
            end if;
            if sqlstate = '42P01' and starts_with(sqlerrm, 'relation ') then
                v_table := mcp_tool.nearest_table(substring(sqlerrm from '"(.+)"'));
                raise undefined_table using
                    message = sqlerrm,
                    hint = coalesce(
                        nullif(v_hint, ''), 'The table with the nearest name is ' || v_table || '.',
                        'Ask for the table schemas first, and use their names.'
                    ),
                    column = run_query.argument, constraint = 'one SELECT of tables that exist';
            end if;
            if sqlstate = '42501'
                or not v_is_open and sqlstate <> '42P11' and not starts_with(v_context, 'SQL statement ') then
                raise;
            end if;
            raise exception using
                errcode = sqlstate, message = sqlerrm,
                hint = coalesce(case
                    -- PostgreSQL's own hint is for its administrator
                    when sqlstate = '54001' then 'Nest less deeply.'
                    when sqlstate in ('25006', '42P11', '0A000') then 'Send one SELECT that only reads.'
                    else nullif(v_hint, '')
                end, ''),
                column = run_query.argument, constraint = 'one SELECT that runs without errors';
    end;
    close v_cursor;
    v_result.rows := to_jsonb(v_rows);
    -- clients' parsers give up where PostgreSQL does not: a row and its column are two levels
    if jsonb_path_exists(v_result.rows, 'strict $.**{102 to last}') then
        raise program_limit_exceeded using
            message = 'the result is nested deeper than 100 levels',
            hint = 'Select plain values.',
            column = run_query.argument, constraint = 'one SELECT whose values nest at most 100 levels';
    end if;
    v_result.row_count := cardinality(v_rows);
    return v_result;
end
$$;

comment on function mcp_tool.run_query(mcp_tool.query_text, mcp_tool.row_limit, text) is $comment$
Run one read-only SELECT of a caller. For tools tagged sandbox, owned by mcp_sandbox, whose search_path begins with
mcp_sandbox: that schema has replacements for built-ins that could fill the memory.

@param query     One SELECT in PostgreSQL's dialect, at most 10000 bytes.
@param max_rows  The largest number of rows, 1 to 1000.
@param argument  The tool's argument that holds the query, for errors.
@returns Columns, rows as arrays in their order, and whether there was more than max_rows or than an answer holds. No row where the
whole result is exported: mcp_tool.take_query has the query then.
@error VALIDATION_ERROR The query does not run: PostgreSQL's message, hint and position.
@error AUTHORIZATION_ERROR The query reads what the caller may not read.
$comment$;

alter function mcp_tool.run_query(mcp_tool.query_text, mcp_tool.row_limit, text) owner to mcp_core;
revoke all on function mcp_tool.run_query(mcp_tool.query_text, mcp_tool.row_limit, text)
from public;
grant execute on function mcp_tool.run_query(mcp_tool.query_text, mcp_tool.row_limit, text)
to mcp_sandbox;
