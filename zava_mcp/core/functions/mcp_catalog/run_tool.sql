create or replace function mcp_catalog.run_tool(
    tool mcp_catalog.tools, arguments jsonb, embeddings jsonb, export text default null
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- as jsonb; what is smaller fits into every answer
    c_small constant integer := 8000;
    v_values jsonb := '{}';
    v_columns text;
    v_passed text;
    v_statement text := tool.call_text;
    v_result jsonb;
    v_max_rows integer;
    v_is_cut boolean;
    v_fitting integer;
    v_mode text;
begin
    -- request.jwt.claims is not signed: where mcp_auth.set_context writes it, no caller's SQL may. An
    -- inner condition, since a query in the outer one would cost every call
    if current_setting('request.jwt.claims', true) <> '' then
        if has_function_privilege(
            'mcp_sandbox'::name, 'pg_catalog.set_config(text, text, boolean)'::regprocedure, 'execute'
        )
            and (select p.proowner = 'mcp_sandbox'::regrole from pg_proc as p where p.oid = to_regprocedure(tool.function))
        then
            raise insufficient_privilege using
                message = format('%s is off: its SQL could change request.jwt.claims', tool.name),
                hint = 'Lock the database down, or leave claims.jwt out of zava.toml.';
        end if;
    end if;
    -- the text of a required vector was checked; what is missing is what the shim makes of it
    if tool.embeds is distinct from '{}' then
        if exists (
            select
            from unnest(tool.parameters) as p
            where p.dimensions is not null and p.is_required and not embeddings ? p.name
        ) then
            raise system_error using message = format('%s needs an embedder, and none answered', tool.name);
        end if;
    end if;

    -- exactly the arguments that were sent, so that the others take their defaults
    if arguments <> '{}' or embeddings <> '{}' or export is not null then
        arguments := mcp_catalog.settled_arguments(tool.parameters, arguments);
        select
            string_agg(format('%I %s', p.name, p.type_name), ', '),
            string_agg(format('%1$I => a.%1$I', p.name), ', '),
            coalesce(jsonb_object_agg(p.name, v.value), '{}')
        into v_columns, v_passed, v_values
        from unnest(tool.parameters) as p
        cross join lateral (
            select case
                when p.dimensions is not null then embeddings -> p.name
                -- an export sets both itself
                when export is not null and p.type_name = 'mcp_tool.page_size' then '1000'
                when export is not null and p.type_name = 'mcp_tool.cursor' then 'null'
                when p.type_name = 'mcp_tool.cursor' then mcp_catalog.read_cursor(tool, arguments)
                else arguments -> p.client_name
            end
        ) as v (value)
        where v.value is not null;
        if v_columns is not null then
            v_statement := format(tool.call_template, v_columns, v_passed);
        end if;
    end if;
    if export is not null then
        return mcp_catalog.open_export(
            tool, export, v_columns, v_passed, v_values,
            case when arguments ->> 'cursor' is not null then mcp_catalog.read_cursor(tool, arguments) end
        );
    end if;
    if tool.result_kind = 'set' then
        select least(s.value::integer, page.size)
        into v_max_rows
        from mcp_catalog.settings as s
        left join (
            select coalesce(arguments ->> p.name, p.schema ->> 'default')::integer
            from unnest(tool.parameters) as p
            where p.type_name = 'mcp_tool.page_size'
        ) as page (size) on true
        where s.name = 'max_rows';
    end if;

    begin -- the read-only mode ends with this block, not with the transaction
        if tool.is_read_only then
            v_mode := set_config('transaction_read_only', 'on', true);
        end if;
        execute v_statement into v_result using v_values, v_max_rows + 1;
        -- what asks is called again: until then nothing has happened
        if tool.is_read_only or tool.result_kind = 'content' and v_result @? '$[*].ask' then
            raise sqlstate 'ZZ001';
        -- whatever its body makes of that argument
        elsif arguments ->> 'dry_run' = 'true' then
            raise sqlstate 'ZZ001';
        end if;
    exception
        when sqlstate 'ZZ001' then null;
    end;

    if tool.result_kind = 'set' then
        v_is_cut := jsonb_array_length(v_result) > v_max_rows;
        if v_is_cut then
            v_result := v_result - v_max_rows;
        end if;
        if pg_column_size(v_result) > c_small then
            v_fitting := mcp_catalog.fitting_rows(v_result);
            -- a row that is too large by itself is refused when the answer is finished
            if v_fitting between 1 and jsonb_array_length(v_result) - 1 then
                v_is_cut := true;
                v_result := jsonb_path_query_array(v_result, '$[0 to $last]', jsonb_build_object('last', v_fitting - 1));
            end if;
        end if;
        -- all rows are copied once here, and not again to add a key
        if tool.page_key is null then
            v_result := jsonb_build_object(
                'rows', v_result, 'row_count', jsonb_array_length(v_result), 'truncated', v_is_cut
            );
        else
            v_result := jsonb_build_object(
                'rows', v_result, 'row_count', jsonb_array_length(v_result), 'truncated', v_is_cut,
                'next_cursor', case when v_is_cut then mcp_catalog.write_cursor(tool, arguments, v_result -> -1) end
            );
        end if;
    elsif tool.result_kind = 'row' and pg_column_size(v_result) > c_small then
        if (select (mcp_catalog.base_type(p.prorettype)).oid from pg_proc as p where p.oid = to_regprocedure(tool.function))
            = 'mcp_tool.query_result'::regtype
        then
            v_fitting := mcp_catalog.fitting_rows(v_result -> 'rows', v_result - 'rows');
            if v_fitting between 1 and jsonb_array_length(v_result -> 'rows') - 1 then
                v_result := v_result || jsonb_build_object(
                    'rows', jsonb_path_query_array(v_result, '$.rows[0 to $last]', jsonb_build_object('last', v_fitting - 1)),
                    'row_count', v_fitting, 'truncated', true
                );
            end if;
        end if;
    end if;
    return v_result;
end
$$;

comment on function mcp_catalog.run_tool(mcp_catalog.tools, jsonb, jsonb, text) is $comment$
Execute a tool whose caller and arguments were checked, read-only unless it is VOLATILE, and shape its result.

Nothing of the caller is in the statement's text: names and types come from the catalogue, values go as a parameter. What
a call with dry_run true wrote is rolled back, and its result stays.

@param tool        The catalogue's row.
@param arguments   What the client sent.
@param embeddings  Vectors by parameter.
@param export      csv, jsonl or parquet, where the whole result is to be a file; null it is answered.
@returns {"rows", "row_count", "truncated"}, with "next_cursor" where the tool gives pages, the row, {"value"} or {};
of content the mcp_tool.result as it is. Rows that an answer does not hold are cut, of sets and of mcp_tool.query_result. Of an
export what mcp_catalog.open_export gives.
@error VALIDATION_ERROR The cursor is none of this caller, tool and arguments.
@error DATABASE_ERROR The tool requires a vector and the call brought none.
$comment$;

alter function mcp_catalog.run_tool(mcp_catalog.tools, jsonb, jsonb, text) owner to mcp_core;
revoke all on function mcp_catalog.run_tool(mcp_catalog.tools, jsonb, jsonb, text) from public;
