create or replace function mcp_catalog.whole_numbers(value jsonb, type oid)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_base pg_type := mcp_catalog.base_type(type);
begin
    case jsonb_typeof(value)
        when 'number' then
            -- 5.0 is the integer 5; of a numeric the digits stay as they came
            if v_base.oid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) and value::numeric % 1 = 0 then
                return to_jsonb(trunc(value::numeric));
            end if;
        when 'array' then
            if v_base.typcategory = 'A' then
                return (
                    select coalesce(
                        jsonb_agg(mcp_catalog.whole_numbers(e.value, v_base.typelem) order by e.position), '[]'
                    )
                    from jsonb_array_elements(value) with ordinality as e (value, position)
                );
            end if;
        when 'object' then
            if v_base.typtype = 'c' then
                return value || (
                    select coalesce(
                        jsonb_object_agg(a.attname, mcp_catalog.whole_numbers(value -> a.attname, a.atttypid)), '{}'
                    )
                    from pg_attribute as a
                    where a.attrelid = v_base.typrelid and a.attnum > 0 and not a.attisdropped and value ? a.attname
                );
            end if;
        else null;
    end case;
    return value;
end
$$;

comment on function mcp_catalog.whole_numbers(jsonb, oid) is $comment$
Return a JSON value for a type, in which numbers such as 5.0 are written as integers where an integer is wanted. JSON
Schema's integer is any number without a fraction, PostgreSQL's input function takes none.

@param value  The value.
@param type   The type that it is for.
@returns The value; numbers elsewhere, those within jsonb too, keep their digits.
$comment$;

alter function mcp_catalog.whole_numbers(jsonb, oid) owner to mcp_core;
revoke all on function mcp_catalog.whole_numbers(jsonb, oid) from public;
