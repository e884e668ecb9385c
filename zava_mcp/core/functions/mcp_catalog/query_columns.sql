create or replace function mcp_catalog.query_columns(query text, path text)
returns jsonb
language plpgsql
volatile
security definer
-- the owner is mcp_sandbox: the text may do what a free query may do
set search_path = mcp_sandbox, pg_catalog, pg_temp
as $$
declare
    -- one digit more than a decimal of Parquet has
    c_probe constant text := '0.000000000000000000000000000000000000000';
    v_cursor refcursor;
    v_row record;
    v_names text[];
    v_list text;
    v_types text[];
    v_scales jsonb;
begin
    -- as the tool finds names, until the end of this function
    execute 'set local search_path to ' || path;
    -- one statement, which gives rows: so it cannot break out of the brackets below
    open v_cursor no scroll for execute query;
    close v_cursor;
    -- of no row this still names the columns
    execute 'select * from (' || query || e'\n) as q limit 0' into v_row;
    v_names := array(select e.key from json_each(row_to_json(v_row)) as e);
    if v_names = '{}' then
        raise feature_not_supported using message = 'a result without columns cannot be exported';
    end if;
    select
        string_agg('c' || n, ', ' order by n),
        array_agg('pg_typeof(q.c' || n || ')::oid' order by n)
    into v_list, v_types
    from generate_series(1, cardinality(v_names)) as n;
    execute 'select array[' || array_to_string(v_types, ', ') || '] from (select) as one left join (select * from ('
        || query || e'\n) as s limit 0) as q (' || v_list || ') on true' into v_types;
    -- a value with more digits gets as many as its column has; PostgreSQL says this in no other way
    execute 'select * from (' || query || e'\n) as q (' || v_list || ') limit 0' into v_row;
    select jsonb_object_agg(e.key, scale(e.value::numeric)) into v_scales
    from json_each_text(row_to_json(jsonb_populate_record(v_row, (
        select coalesce(jsonb_object_agg('c' || u.position, c_probe), '{}')
        from unnest(v_types) with ordinality as u (type, position)
        where u.type = 'numeric'::regtype::oid::text
    )))) as e
    where e.value is not null and scale(e.value::numeric) < scale(c_probe::numeric);
    return to_jsonb(array(
        select jsonb_strip_nulls(jsonb_build_object(
            'name', u.name, 'type', u.type, 'scale', v_scales -> ('c' || u.position)
        ))
        from unnest(v_names, v_types) with ordinality as u (name, type, position)
        order by u.position
    ));
end
$$;

comment on function mcp_catalog.query_columns(text, text) is $comment$
Describe the columns of a query that is exported, with the rights of free queries. Nothing of it is executed.

@param query  One SELECT.
@param path   The search_path of the tool.
@returns [{"name", "type": oid, "scale": digits after the point, where each numeric has as many, and at most 38}].
@error VALIDATION_ERROR It does not run, is more than a SELECT, or has no columns.
$comment$;

alter function mcp_catalog.query_columns(text, text) owner to mcp_sandbox;
revoke all on function mcp_catalog.query_columns(text, text) from public;
grant execute on function mcp_catalog.query_columns(text, text) to mcp_core;
