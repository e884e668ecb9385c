create or replace function mcp_migrate.mask_table(relation regclass, view text)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text[] := parse_ident(view);
    v_view text;
    v_is_hand_over boolean;
    v_column record;
    v_problem text;
begin
    if cardinality(v_name) <> 2 then
        raise invalid_parameter_value using
            message = format('the view %s has no schema', quote_literal(view)),
            hint = 'Write it as schema.name.';
    end if;
    v_view := format('%I.%I', v_name[1], v_name[2]);
    if not exists (select from mcp_migrate.masked_columns(relation) as c where c.mask is not null) then
        raise invalid_parameter_value using
            message = format('no column of %s is masked', relation),
            hint = 'A line "@mask RULE" in the comment of a column masks it; mcp_tools must have SELECT on it.';
    end if;
    select format('%s.%I: %s', mask_table.relation, m.column_name, m.problem) into v_problem
    from mcp_catalog.column_masks() as m
    where m.relation = mask_table.relation and m.problem is not null
    order by m.attnum
    limit 1;
    if v_problem is not null then
        -- apply runs the file again after others: one of them may make what is missing
        raise undefined_object using message = v_problem;
    end if;
    execute (
        select format(
            'create or replace view %s as select %s from %s as t',
            v_view, string_agg(format('%s as %I', c.expression, c.column_name), ', ' order by c.attnum), relation
        )
        from mcp_migrate.masked_columns(relation) as c
    );
    execute format(
        'comment on view %s is %L', v_view,
        concat_ws(E'\n', obj_description(relation, 'pg_class'), mcp_migrate.mask_comment(relation))
    );
    for v_column in
        select
            c.column_name,
            c.mask,
            btrim(regexp_replace(
                coalesce(col_description(relation, c.attnum), ''), '(^|\n)@mask\M[^\n]*', '', 'g'
            ), E' \n') as prose
        from mcp_migrate.masked_columns(relation) as c
    loop
        execute format(
            'comment on column %s.%I is %L', v_view, v_column.column_name,
            concat_ws(' ', nullif(v_column.prose, ''), 'Masked: ' || v_column.mask || '.')
        );
    end loop;
    -- who owns it reads the table, and is bound by its policies
    v_is_hand_over := not has_schema_privilege('mcp_tools', v_name[1], 'create');
    if v_is_hand_over then
        execute format('grant create on schema %I to mcp_tools', v_name[1]);
    end if;
    execute format('alter view %s owner to mcp_tools', v_view);
    if v_is_hand_over then
        execute format('revoke create on schema %I from mcp_tools', v_name[1]);
    end if;
    execute format('grant select on %s to mcp_sandbox', v_view);
end
$$;

comment on function mcp_migrate.mask_table(regclass, text) is $comment$
Create or replace the view with which free queries read a table with masked columns. Call it in the file of the table's
policies, after the grants and the comments.

@param relation  The table.
@param view      Name of the view with its schema.
@error VALIDATION_ERROR No column is masked, or the view has no schema.
@error VALIDATION_ERROR A mask cannot work; the message says why.
$comment$;

revoke all on function mcp_migrate.mask_table(regclass, text) from public;
