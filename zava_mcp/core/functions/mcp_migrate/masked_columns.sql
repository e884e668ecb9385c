create or replace function mcp_migrate.masked_columns(relation oid)
returns table (attnum smallint, column_name name, expression text, mask text)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        a.attnum,
        a.attname,
        case
            when m.relation is null then format('t.%I', a.attname)
            -- a mask that cannot work hides everything
            when m.problem is not null or m.rule = 'null' and m.audiences = '{}'
                then format('null::%s', m.type_name)
            when m.audiences = '{}' then f.masked
            else
                format(
                    'case when %s then t.%I::%s else %s end',
                    (
                        select
                            string_agg(
                                format('(select mcp_auth.has_audience(%L))', w.audience),
                                ' or ' order by w.audience
                            )
                        from unnest(m.audiences) as w (audience)
                    ),
                    a.attname, f.type_name, f.masked
                )
        end,
        case
            when m.problem is not null then 'null'
            when m.relation is not null
                then
                    concat_ws(
                        ', clear for ', m.rule, nullif(array_to_string(m.audiences, ' and '), '')
                    )
        end
    from pg_catalog.pg_attribute as a
    left join mcp_catalog.column_masks() as m on a.attrelid = m.relation and a.attnum = m.attnum
    left join lateral (
        select
            case when m.rule in ('last4', 'email', 'hash') then 'text' else m.type_name end
                as type_name,
            case
                when m.rule = 'null' then format('null::%s', m.type_name)
                when m.function is not null
                    then
                        format(
                            '%s(t.%I::%s)', m.function::regproc, a.attname, m.type_name
                        )
                else format('mcp_catalog.mask_%s(t.%I::text)', m.rule, a.attname)
            end as masked
    ) as f on true
    where
        a.attrelid = masked_columns.relation
        and a.attnum > 0
        and not a.attisdropped
        and case
            when m.relation is null
                then has_column_privilege('mcp_sandbox', a.attrelid, a.attnum, 'select')
            else
                has_column_privilege('mcp_tools', a.attrelid, a.attnum, 'select')
                or m.rule = 'null' and m.audiences = '{}'
        end;
end;

comment on function mcp_migrate.masked_columns(oid) is $comment$
Return the columns of a table for free queries: those that mcp_sandbox reads, and the masked ones that mcp_tools reads.

@param relation  A table.
@returns One row a column: what stands for it in a query of "relation as t", and its mask in words; null where it has none.
$comment$;

revoke all on function mcp_migrate.masked_columns(oid) from public;
