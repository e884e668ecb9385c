create or replace function mcp_catalog.export_column(
    value text, type oid, format text, scale integer default null
)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case
            when export_column.format = 'jsonl'
                then jsonb_build_object(
                    'sql',
                    case
                        -- as JSON may be written in many lines; others it prints as it is
                        when b.typcategory in ('A', 'C') or b.typname = 'json'
                            then 'pg_catalog.to_jsonb(' || export_column.value || ')'
                        else export_column.value
                    end
                )
            when export_column.format = 'parquet'
                then jsonb_build_object(
                    'sql', case
                        when b.oid = 'timestamptz'::regtype
                            then
                                '(' || export_column.value
                                || ' at time zone ''UTC'')::text || ''+00'''
                        else t.sql
                    end,
                    'type', 'text',
                    'parquet', case b.oid
                        when 'bool'::regtype then '["bool_"]'
                        when 'int2'::regtype then '["int16"]'
                        when 'int4'::regtype then '["int32"]'
                        when 'int8'::regtype then '["int64"]'
                        when 'float4'::regtype then '["float32"]'
                        when 'float8'::regtype then '["float64"]'
                        when 'date'::regtype then '["date32"]'
                        when 'timestamp'::regtype then '["timestamp", "us"]'
                        when 'timestamptz'::regtype then '["timestamp", "us", "UTC"]'
                        when 'numeric'::regtype
                            then coalesce(
                                '["decimal128", 38, ' || export_column.scale || ']', '["string"]'
                            )
                        else '["string"]'
                    end::jsonb
                )
            when
                b.typnamespace = 'pg_catalog'::regnamespace
                and (
                    b.typcategory in ('B', 'D', 'T')
                    or b.typcategory = 'N' and b.typname !~ '^reg'
                    or b.typname in ('uuid', 'bytea', 'json', 'jsonb')
                )
                then jsonb_build_object(
                    'sql', export_column.value || '::' || format_type(b.oid, null),
                    'type', format_type(b.oid, null)
                )
            else jsonb_build_object(
                'sql',
                replace(
                    -- tab, line ends, plus, minus, equals, at, and the wide forms of these
                    'case when pg_catalog.ascii(%1) in (9, 10, 13, 43, 45, 61, 64, 65291, 65293, '
                    '65309, 65312) then ''''''''::text || %1 else %1 end',
                    '%1', t.sql
                ),
                'type', 'text'
            )
        end
    from mcp_catalog.base_type(export_column.type) as b
    cross join
        lateral (
            select
                case
                    -- a cast to text would cut its blanks
                    when b.typname = 'bpchar'
                        then
                            '(case when ' || export_column.value
                            || ' is not null then pg_catalog.concat(' || export_column.value
                            || ') end)'
                    else export_column.value || '::text'
                end
        ) as t (sql);
end;

comment on function mcp_catalog.export_column(text, oid, text, integer) is $comment$
How a column is written in an export. What has no type in Parquet is text there. In CSV a text that a spreadsheet would take for a formula gets an apostrophe before
it; numbers, dates and the like are what they are.

@param value   SQL of the column.
@param type    Its type.
@param format  csv, jsonl or parquet.
@param scale   Digits after the point of each value of a numeric, 0 to 38; null others.
@returns {"sql": of what is written, "type": of that; without it where it is part of a JSON text, "parquet": [the name of its
type in Arrow, the parameters of that]; in Parquet alone}.
$comment$;

alter function mcp_catalog.export_column(text, oid, text, integer) owner to mcp_core;
revoke all on function mcp_catalog.export_column(text, oid, text, integer) from public;
