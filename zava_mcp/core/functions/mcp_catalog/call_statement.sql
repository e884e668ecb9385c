create or replace function mcp_catalog.call_statement(
    function regprocedure,
    result_kind text,
    has_columns boolean,
    has_arguments boolean
)
returns text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- the name, with its schema, goes into a format where arguments do
    v_call text := case
        when has_arguments then replace(function::oid::regproc::text, '%', '%%') || '(%2$s)'
        else function::oid::regproc || '()'
    end;
    v_arguments text := case when has_arguments then 'jsonb_to_record($1) as a (%1$s)' end;
    v_from text := concat_ws(' cross join lateral ', v_arguments, v_call || ' as r');
    v_rows text := case
        -- named columns make an object, also when there is only one, whatever their names
        when result_kind = 'row' or has_columns
            then 'select to_jsonb(q.*) as value from (select r.* from ' || v_from || ') as q'
        else 'select to_jsonb(r.r) as value from ' || v_from
    end;
begin
    return case result_kind
        when 'set' then 'select coalesce(jsonb_agg(s.value), ''[]'') from (' || v_rows || ' limit $2) as s'
        when 'row' then v_rows
        when 'void' then 'select ''{}''::jsonb from ' || v_from
        -- one value: a scan of a function would store it first
        else concat_ws(
            ' from ',
            format(
                case result_kind when 'scalar' then 'select jsonb_build_object(''value'', to_jsonb(%s))' else 'select coalesce(to_jsonb(%s), ''[]'')' end,
                v_call
            ),
            v_arguments
        )
    end;
end
$$;

comment on function mcp_catalog.call_statement(regprocedure, text, boolean, boolean) is $comment$
Return the statement with which mcp_catalog.run_tool calls a tool. It is built with the catalogue, not in each call.

@param function       The function.
@param result_kind    As in mcp_catalog.tools.
@param has_columns    Whether a row of the result has named columns.
@param has_arguments  Whether arguments are passed.
@returns SQL that gives one jsonb; $1 is {parameter: value}, $2 how many rows a set may give. With arguments it is a format: %1$s
are their names and types, %2$s how they are passed.
$comment$;

alter function mcp_catalog.call_statement(regprocedure, text, boolean, boolean) owner to mcp_core;
revoke all on function mcp_catalog.call_statement(regprocedure, text, boolean, boolean) from public;
