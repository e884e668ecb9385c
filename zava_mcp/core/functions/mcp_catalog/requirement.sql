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
    v_check text;
begin
    if v_base.oid <> type and v_said <> '' then
        return lower(left(v_said, 1)) || substr(v_said, 2);
    end if;
    if v_base.oid <> type then
        -- the check of a domain, where it is short enough to be read
        select string_agg(pg_get_constraintdef(c.oid, true), ' and ' order by c.conname) into v_check
        from pg_constraint as c
        where c.contypid = type and c.contype = 'c';
        v_said := mcp_catalog.requirement((select t.typbasetype from pg_type as t where t.oid = type));
        return case
            when v_check is null then v_said
            else format('%s, of domain %s', v_said, format_type(type, null))
                || case when length(v_check) <= 100 then ': ' || v_check else '' end
        end;
    end if;
    if v_base.typtype = 'e' then
        return (
            select 'one of ' || string_agg(e.enumlabel, ', ' order by e.enumsortorder)
            from pg_enum as e
            where e.enumtypid = type
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
    if v_base.typtype in ('r', 'm') then
        return format('a value of type %s', format_type(type, -1)) || coalesce(
            (
                select format(case v_base.typtype when 'm' then ', as in {%s}' else ', as in %s' end, e.example)
                from (
                    values
                    ('int4range'::regtype, 'int4multirange'::regtype, '[1,5)'),
                    ('int8range'::regtype, 'int8multirange'::regtype, '[1,5)'),
                    ('numrange'::regtype, 'nummultirange'::regtype, '[1.5,5)'),
                    ('daterange'::regtype, 'datemultirange'::regtype, '[2026-01-01,2026-02-01)'),
                    ('tsrange'::regtype, 'tsmultirange'::regtype, '[2026-01-01T09:00,2026-01-01T17:00)'),
                    ('tstzrange'::regtype, 'tstzmultirange'::regtype, '[2026-01-01T09:00Z,2026-01-01T17:00Z)')
                ) as e (range, multirange, example)
                where type in (e.range, e.multirange)
            ), ''
        );
    end if;
    return case type
        when 'int2'::regtype then 'an integer from -32768 to 32767'
        when 'int4'::regtype then 'an integer from -2147483648 to 2147483647'
        when 'int8'::regtype then 'an integer from -9223372036854775808 to 9223372036854775807'
        when 'bool'::regtype then 'true or false'
        when 'uuid'::regtype then 'a UUID'
        when 'date'::regtype then 'a date, YYYY-MM-DD'
        when 'timestamptz'::regtype then 'a date and time, ISO 8601'
        when 'timestamp'::regtype then 'a local date and time without an offset, as in 2026-01-31T09:00:00'
        when 'time'::regtype then 'a local time without an offset, as in 09:00:00'
        when 'text'::regtype then 'text'
        when 'bytea'::regtype then 'bytes in hexadecimal after \x, as in \x00ff'
        when 'numeric'::regtype then 'a number'
        when 'float8'::regtype then 'a number'
        else format('a value of type %s', format_type(type, -1))
    end;
end
$$;

comment on function mcp_catalog.requirement(oid) is $comment$
Return what a value of a type must be, as text: a domain's comment or name and check, an enum's
labels, or the name of the type.

@param type  A type.
@returns Text to follow "must be".
$comment$;

alter function mcp_catalog.requirement(oid) owner to mcp_core;
revoke all on function mcp_catalog.requirement(oid) from public;
