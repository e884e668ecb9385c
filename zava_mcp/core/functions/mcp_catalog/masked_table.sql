create or replace function mcp_catalog.masked_table(view oid)
returns oid
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select min(d.refobjid)
    from pg_catalog.pg_class as v
    inner join pg_catalog.pg_rewrite as r on v.oid = r.ev_class
    inner join pg_catalog.pg_depend as d
        on
            d.classid = 'pg_catalog.pg_rewrite'::regclass
            and r.oid = d.objid
            and d.refclassid = 'pg_catalog.pg_class'::regclass
            and d.refobjid <> v.oid
    where
        v.oid = masked_table.view
        and v.relkind = 'v'
        and v.relowner = (select o.oid from pg_catalog.pg_roles as o where o.rolname = 'mcp_tools')
        and obj_description(v.oid, 'pg_class') ~ '(^|\n)Masked: '
    having count(distinct d.refobjid) = 1;
end;

comment on function mcp_catalog.masked_table(oid) is $comment$
Return the table whose columns a view masks.

@param view  A relation.
@returns The table that mcp_migrate.mask_table made the view of; null for every other relation.
$comment$;

alter function mcp_catalog.masked_table(oid) owner to mcp_core;
revoke all on function mcp_catalog.masked_table(oid) from public;
grant execute on function mcp_catalog.masked_table(oid) to mcp_tools;
