create or replace function mcp_catalog.requirement(type oid)
returns text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_said text := btrim(
        regexp_replace(coalesce(obj_description(type, 'pg_type'), ''), '\n?@schema.*$', ''), E' .\n'
    );
    v_base pg_type := mcp_catalog.base_type(type);
begin
    if v_base.oid <> type and v_said <> '' then
        return lower(left(v_said, 1)) || substr(v_said, 2);
    end if;
    if v_base.typtype = 'e' then
        return (
            select 'one of ' || string_agg(e.enumlabel, ', ' order by e.enumsortorder)
            from pg_enum as e
            where e.enumtypid = v_base.oid
        );
    end if;
    if v_base.typtype = 'c' then
        return (
            select 'an object with ' || string_agg(a.attname, ', ' order by a.attnum)
            from pg_attribute as a
            where a.attrelid = v_base.typrelid and a.attnum > 0 and not a.attisdropped
        );
    end if;
    if v_base.typcategory = 'A' then
        return format('an array of %s', format_type(v_base.typelem, null));
    end if;
    return case v_base.oid
        when 'int2'::regtype then 'an integer from -32768 to 32767'
        when 'int4'::regtype then 'an integer from -2147483648 to 2147483647'
        when 'int8'::regtype then 'an integer'
        when 'bool'::regtype then 'true or false'
        when 'uuid'::regtype then 'a UUID'
        when 'date'::regtype then 'a date, YYYY-MM-DD'
        when 'timestamptz'::regtype then 'a date and time, ISO 8601'
        when 'text'::regtype then 'text'
        when 'bytea'::regtype then 'bytes in hexadecimal after \x, as in \x00ff'
        when 'numeric'::regtype then 'a number'
        when 'float8'::regtype then 'a number'
        else format('a value of type %s', format_type(v_base.oid, -1))
    end;
end
$$;

comment on function mcp_catalog.requirement(oid) is $comment$
Return what a value of a type must be, as text: a domain's comment, an enum's labels, or the name of the type.

@param type  A type.
@returns Text to follow "must be".
$comment$;

alter function mcp_catalog.requirement(oid) owner to mcp_core;
revoke all on function mcp_catalog.requirement(oid) from public;
