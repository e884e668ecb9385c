create or replace function mcp_catalog.refuse_misfit(value jsonb, type oid, field text)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_base pg_type := mcp_catalog.base_type(type);
    v_requirement text := mcp_catalog.requirement(type);
    v_schema_type text := mcp_catalog.type_schema(type) ->> 'type';
    v_names text[];
    v_key text;
begin
    if coalesce(value, 'null') = 'null' then
        if (select t.typnotnull from pg_type as t where t.oid = type) then
            perform mcp_tool.invalid(field, v_requirement);
        end if;
        return;
    end if;
    if not mcp_catalog.has_json_type(value, v_schema_type) then
        raise invalid_parameter_value using
            message = format('%s must be %s', field, v_requirement),
            hint = coalesce(mcp_catalog.misfit_hint(value, v_schema_type), ''),
            column = field,
            constraint = v_requirement;
    end if;

    if v_base.typcategory = 'A' then
        perform mcp_catalog.refuse_misfit(e.value, v_base.typelem, format('%s[%s]', field, e.position - 1))
        from jsonb_array_elements(value) with ordinality as e (value, position)
        order by e.position;
    elsif v_base.typtype = 'c' then
        select array_agg(a.attname order by a.attnum) into v_names
        from pg_attribute as a
        where a.attrelid = v_base.typrelid and a.attnum > 0 and not a.attisdropped;
        for v_key in
            select k.name
            from jsonb_object_keys(value) as k (name)
            where k.name <> all (v_names)
            order by k.name
            limit 1
        loop
            raise invalid_parameter_value using
                message = format('unknown field: %s.%s', field, mcp_catalog.visible(left(v_key, 100))),
                hint = format('The fields are: %s.', array_to_string(v_names, ', ')),
                column = format('%s.%s', field, mcp_catalog.visible(left(v_key, 60))),
                constraint = 'a known field';
        end loop;
        perform mcp_catalog.refuse_misfit(value -> a.attname, a.atttypid, format('%s.%s', field, a.attname))
        from pg_attribute as a
        where a.attrelid = v_base.typrelid and a.attnum > 0 and not a.attisdropped
        order by a.attnum;
    elsif v_schema_type is not null then
        -- json takes any value as it is, not its text
        if not pg_input_is_valid(value #>> '{}', format_type(type, -1))
            or v_base.oid in ('timestamp'::regtype, 'time'::regtype) and mcp_catalog.has_offset(value #>> '{}')
        then
            perform mcp_tool.invalid(field, v_requirement);
        end if;
        return;
    end if;

    -- what a domain asks of the whole
    if not mcp_catalog.fits_type(value, format_type(type, -1)) then
        perform mcp_tool.invalid(field, v_requirement);
    end if;
end
$$;

comment on function mcp_catalog.refuse_misfit(jsonb, oid, text) is $comment$
Refuse a JSON value that PostgreSQL could not make a value of a type from, and name the part that does not fit, as in
"lines[0].quantity". A key that a composite type does not have is refused too, which PostgreSQL would ignore.

@param value  The value; SQL null is a missing one.
@param type   The type.
@param field  Name of the value, for the error.
@error VALIDATION_ERROR It does not fit; the column names the part.
$comment$;

alter function mcp_catalog.refuse_misfit(jsonb, oid, text) owner to mcp_core;
revoke all on function mcp_catalog.refuse_misfit(jsonb, oid, text) from public;
