create or replace function mcp_catalog.type_schema(
    type oid,
    type_modifier integer default -1,
    is_output boolean default false,
    depth integer default 0
)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- as PostgreSQL prints value in (texts)
    c_values constant text := $re$^CHECK \(+VALUE\)?(::text)? = ANY \(+ARRAY\[('([^']|'')*'::[a-z ]+(, )?)+\]\)*(::text\[\])?\)+$re$ || '$';
    v_type pg_type;
    v_schema jsonb;
    v_comment text := obj_description(type, 'pg_type');
    v_said text := btrim(regexp_replace(coalesce(v_comment, ''), '\n?@schema.*$', ''), E' \n');
begin
    -- a type that contains itself ends as "anything"
    if depth > 8 then
        return '{}';
    end if;
    select t.* into strict v_type from pg_type as t where t.oid = type_schema.type;

    if v_type.typtype = 'd' then
        v_schema := mcp_catalog.type_schema(v_type.typbasetype, v_type.typtypmod, is_output, depth + 1);
        -- what PostgreSQL emits as text, where the domain rules that out
        if is_output and v_schema -> 'type' @> '["number", "string"]' and not exists (
            select
            from unnest(array['NaN', 'Infinity', '-Infinity']) as n (value)
            where pg_input_is_valid(n.value, format_type(type, -1))
        ) then
            v_schema := jsonb_set(v_schema, '{type}', '["number", "null"]');
        end if;
        -- check (value in ('a', 'b'))
        v_schema := v_schema || coalesce((
            select jsonb_build_object('enum', jsonb_agg(replace(v.value [1], '''''', '''') order by v.place))
            from pg_constraint as c
            cross join pg_get_constraintdef(c.oid, true) as d (text)
            cross join regexp_matches(d.text, $re$'((?:[^']|'')*)'::$re$, 'g') with ordinality as v (value, place)
            where
                c.contypid = type_schema.type
                and c.convalidated
                and v_type.typcategory = 'S'
                and d.text ~ c_values
            group by c.oid
            limit 1
        ), '{}');
        v_schema := v_schema || (
            coalesce(substring(v_comment from '@schema\s+(\{.*\})')::jsonb, '{}')
            - case when is_output then array['type', 'format', 'minItems', 'maxItems'] else '{}' end
        );
    elsif v_type.typtype = 'e' then
        select jsonb_build_object('type', 'string', 'enum', jsonb_agg(e.enumlabel order by e.enumsortorder))
        into v_schema
        from pg_enum as e
        where e.enumtypid = type_schema.type;
    elsif v_type.typtype = 'c' then
        select jsonb_build_object(
            'type', 'object',
            'properties', coalesce(jsonb_object_agg(
                a.attname,
                mcp_catalog.type_schema(a.atttypid, a.atttypmod, is_output, depth + 1)
                || mcp_catalog.with_description(col_description(a.attrelid, a.attnum))
            ), '{}'),
            'required', coalesce(
                jsonb_agg(a.attname order by a.attnum) filter (
                    where is_output or a.attnotnull or t.typnotnull
                ), '[]'
            ),
            'additionalProperties', false
        )
        into v_schema
        from pg_attribute as a
        join pg_type as t on t.oid = a.atttypid
        where a.attrelid = v_type.typrelid and a.attnum > 0 and not a.attisdropped;
    elsif v_type.typcategory = 'A' then
        v_schema := mcp_catalog.type_schema(v_type.typelem, type_modifier, is_output, depth + 1);
        -- the type does not say how many dimensions a value has
        if is_output and v_schema ? 'enum' then
            v_schema := jsonb_build_object('anyOf', jsonb_build_array(v_schema, '{"type": "array"}'::jsonb));
        elsif is_output and v_schema ? 'type' and not v_schema -> 'type' ? 'array' then
            v_schema := jsonb_set(v_schema, '{type}', (v_schema -> 'type') || '["array"]');
        end if;
        v_schema := jsonb_build_object('type', 'array', 'items', v_schema);
    -- to_jsonb takes the cast to json that the type has
    elsif is_output and v_type.oid >= 16384
        and exists (select from pg_cast as c where c.castsource = v_type.oid and c.casttarget = 'json'::regtype) then
        v_schema := '{}';
    else
        v_schema := case v_type.oid
            when 'int2'::regtype then '{"type": "integer", "minimum": -32768, "maximum": 32767}'
            when 'int4'::regtype then '{"type": "integer", "minimum": -2147483648, "maximum": 2147483647}'
            when 'int8'::regtype then '{"type": "integer"}'
            when 'bool'::regtype then '{"type": "boolean"}'
            when 'uuid'::regtype then '{"type": "string", "format": "uuid"}'
            when 'date'::regtype then '{"type": "string", "format": "date"}'
            when 'timestamptz'::regtype then '{"type": "string", "format": "date-time"}'
            when 'json'::regtype then '{}'
            when 'jsonb'::regtype then '{}'
            else case
                -- NaN and Infinity leave as strings
                when v_type.oid in ('numeric'::regtype, 'float4'::regtype, 'float8'::regtype)
                    then case when is_output then '{"type": ["number", "string"]}' else '{"type": "number"}' end
                when v_type.oid in ('varchar'::regtype, 'bpchar'::regtype) and type_modifier > 4
                    then format('{"type": "string", "maxLength": %s}', type_modifier - 4)
                -- PostgreSQL would take any other text for the bytes of its letters
                when v_type.oid = 'bytea'::regtype then '{"type": "string", "pattern": "^\\\\x([0-9A-Fa-f]{2})*$"}'
                -- what is not known leaves and enters as its text
                else '{"type": "string"}'
            end
        end::jsonb;
        if is_output and v_type.oid in ('int2'::regtype, 'int4'::regtype) then
            v_schema := '{"type": "integer"}';
        elsif is_output and v_type.oid in ('date'::regtype, 'timestamptz'::regtype) then
            -- infinity, years before 1 and after 9999 have no form of RFC 3339
            v_schema := '{"type": "string"}';
        end if;
    end if;

    if v_type.typtype = 'd' then
        v_schema := v_schema || mcp_catalog.with_description(nullif(v_said, ''));
    end if;
    -- also what a column or domain forbids is null in a row that is not there
    if is_output and v_schema ? 'type' then
        if jsonb_typeof(v_schema -> 'type') <> 'array' then
            v_schema := jsonb_set(v_schema, '{type}', jsonb_build_array(v_schema -> 'type'));
        end if;
        if not v_schema -> 'type' ? 'null' then
            v_schema := jsonb_set(v_schema, '{type}', (v_schema -> 'type') || '["null"]');
        end if;
        if v_schema ? 'enum' and not v_schema -> 'enum' @> '[null]' then
            v_schema := jsonb_set(v_schema, '{enum}', (v_schema -> 'enum') || '[null]');
        end if;
    end if;
    return v_schema;
end
$$;

comment on function mcp_catalog.type_schema(oid, integer, boolean, integer) is $comment$
Return the JSON Schema (2020-12) of a PostgreSQL type: domains with their comment and its @schema {...}, enums,
composites, arrays, and every scalar type.

@param type           The type.
@param type_modifier  Its modifier, as in pg_attribute.atttypmod; -1 none.
@param is_output      Whether values leave: then it admits all that to_jsonb makes of one: null, NaN and the infinities as text
of what a domain does not rule out, arrays in arrays, what a cast to json makes of it.
@param depth          How deep inside another type; callers leave it out.
@returns A schema object; {} admits anything.
$comment$;

alter function mcp_catalog.type_schema(oid, integer, boolean, integer) owner to mcp_core;
revoke all on function mcp_catalog.type_schema(oid, integer, boolean, integer) from public;
