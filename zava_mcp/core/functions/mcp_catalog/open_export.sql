create or replace function mcp_catalog.open_export(
    tool mcp_catalog.tools,
    format text,
    columns text,
    passed text,
    parameters jsonb,
    page_start jsonb
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set cursor_tuple_fraction = 1.0
as $$
declare
    v_cursor refcursor := 'mcp_export';
    v_path text;
    v_query text;
    v_argument text;
    v_source text;
    v_list text;
    v_types oid[];
    v_columns jsonb;
    v_page text;
    v_twice text;
begin
    begin -- the read-only mode ends with this block
        perform set_config('transaction_read_only', 'on', true);
        if tool.result_kind = 'set' then
            v_source := concat_ws(
                ' cross join lateral ', 'jsonb_to_record($1) as a (' || columns || ')',
                format('%s(%s)', tool.function::regprocedure::oid::regproc, passed)
            );
            select to_jsonb(array_agg(jsonb_build_object('name', r.name) order by r.ordinal)) into v_columns
            from mcp_catalog.result_columns(tool.function::regprocedure) as r;
            v_columns := case when tool.has_columns then v_columns else '[{"name": "value"}]' end;
        else
            perform set_config('app.export', 'asked', true);
            execute case when columns is null then tool.call_text else format(tool.call_template, columns, passed) end
            using parameters;
            if current_setting('app.export', true) <> 'taken' then
                raise feature_not_supported using
                    message = format('%s runs no query that could be exported', tool.name);
            end if;
            v_argument := current_setting('app.export_argument', true);
            -- what ends a statement may not stand in brackets
            v_query := regexp_replace(current_setting('app.export_query', true), '[\s;]+$', '');
            select substr(c.setting, 13) into v_path
            from pg_proc as p
            cross join unnest(p.proconfig) as c (setting)
            where p.oid = to_regprocedure(tool.function) and starts_with(c.setting, 'search_path=');
            begin
                v_columns := mcp_catalog.query_columns(v_query, v_path);
            exception
                when syntax_error or feature_not_supported then
                    raise exception using
                        errcode = sqlstate, message = sqlerrm,
                        hint = case sqlstate when '42601' then 'Leave out what follows the SELECT, a semicolon too.' else '' end,
                        column = v_argument, constraint = 'one SELECT that can be exported';
            end;
        end if;
        select min(c.name) into v_twice
        from (
            select e ->> 'name' from jsonb_array_elements(v_columns) as e group by e ->> 'name' having count(*) > 1
        ) as c (name);
        if format = 'parquet' and v_twice is not null then
            raise feature_not_supported using
                message = format('more than one column is called %s, which Parquet does not know', v_twice),
                hint = 'Give each column a name of its own.',
                column = v_argument, constraint = 'one SELECT whose columns have names of their own';
        end if;
        select string_agg('c' || n, ', ' order by n) into v_list from generate_series(1, jsonb_array_length(v_columns)) as n;
        if tool.result_kind = 'set' then
            -- of no row it still says the types
            execute format(
                'select array[%s] from (select) as one left join (select q.* from %s as q limit 0) as q (%s) on true',
                regexp_replace(v_list, '(c\d+)', 'pg_typeof(q.\1)::oid', 'g'), v_source, v_list
            ) into v_types using parameters;
        end if;
        select to_jsonb(array_agg(
            c.item || mcp_catalog.export_column(
                'q.c' || c.n, t.type, format,
                coalesce((c.item ->> 'scale')::integer, mcp_catalog.domain_scale(t.type))
            )
            order by c.n
        )) into v_columns
        from jsonb_array_elements(v_columns) with ordinality as c (item, n)
        cross join lateral (select coalesce(v_types[c.n], (c.item ->> 'type')::oid)) as t (type);
        if tool.page_key is not null then
            perform set_config('app.export_start', coalesce(page_start::text, ''), true);
            v_page := mcp_catalog.export_select(v_columns, format, true, format(
                '%s with ordinality as q (%s, n) where case when q.n < 1000 then true when q.n = 1000 '
                'then set_config(''app.export_start'', jsonb_build_object(%s)::text, true) <> '''' else false end',
                v_source, v_list, (
                    select string_agg(format('%L, q.c%s', k.name, c.n), ', ')
                    from unnest(tool.page_key) as k (name)
                    join jsonb_array_elements(v_columns) with ordinality as c (item, n) on c.item ->> 'name' = k.name
                )
            ));
        elsif tool.result_kind = 'set' then
            open v_cursor no scroll for execute mcp_catalog.export_select(
                v_columns, format, tool.has_columns, format('%s as q (%s)', v_source, v_list)
            ) using parameters;
        else
            perform mcp_catalog.open_query(mcp_catalog.export_select(
                v_columns, format, true, mcp_catalog.export_source(v_query, v_list)
            ), v_path);
        end if;
    exception
        -- raised by nobody: what may be caught makes the block a subtransaction, with which the mode ends
        when sqlstate 'ZZ001' then null;
    end;
    -- the texts of values do not depend on the settings of the role
    perform set_config(s.name, s.value, true)
    from (
        values ('app.export', 'on'), ('datestyle', 'ISO'), ('extra_float_digits', '1'), ('bytea_output', 'hex')
    ) as s (name, value);
    return jsonb_build_object(
        'columns', v_columns,
        'page', v_page,
        'parameters', parameters,
        'argument', v_argument
    );
end
$$;

comment on function mcp_catalog.open_export(
    mcp_catalog.tools, text, text, text, jsonb, jsonb
) is $comment$
Begin to read the whole result of a tool, whose caller and arguments were checked, read-only. A tool that gives pages is asked for
one after the other, another one through a cursor, so that the rows are never all in memory.

@param tool        The catalogue's row.
@param format      csv, jsonl or parquet.
@param columns     Names and types of the arguments, as mcp_catalog.run_tool makes them; null none.
@param passed      How they are passed; null none.
@param parameters  {parameter: value}.
@param page_start  Where the list begins; null at its beginning.
@returns {"columns": [{"name", "type": of what is written, "parquet": as mcp_catalog.export_column has it}], "page": the SELECT of a page, null where there is a cursor, "parameters",
"argument": that holds a free query, null where there is none}.
@error VALIDATION_ERROR The query cannot be exported.
$comment$;

alter function mcp_catalog.open_export(
    mcp_catalog.tools, text, text, text, jsonb, jsonb
) owner to mcp_core;
revoke all on function mcp_catalog.open_export(
    mcp_catalog.tools, text, text, text, jsonb, jsonb
) from public;
