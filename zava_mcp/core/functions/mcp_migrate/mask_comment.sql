create or replace function mcp_migrate.mask_comment(relation oid)
returns text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        format(
            'Masked: %s.',
            string_agg(format('%s (%s)', c.column_name, c.mask), ', ' order by c.attnum)
        )
    from mcp_migrate.masked_columns(mask_comment.relation) as c
    where c.mask is not null;
end;

comment on function mcp_migrate.mask_comment(oid) is $comment$
Return the last line of the comment of a masking view, from the current masks.

@param relation  The table.
@returns Which columns are masked how, and for whom they are clear.
$comment$;

revoke all on function mcp_migrate.mask_comment(oid) from public;
