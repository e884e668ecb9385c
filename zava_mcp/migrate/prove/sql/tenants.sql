-- The tenant columns: those that a policy compares with the scope of the caller, by how many tables
-- have them.
with readers as (
    select p.oid
    from pg_catalog.pg_proc as p
    where
        p.pronamespace::regnamespace::text = 'mcp_auth' and p.proname ~ '^scope_'
        or p.pronamespace::regnamespace::text !~ '^(mcp($|_)|pg_|information_schema$)'
        and coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) ~ 'mcp_auth'
        and coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) ~ '\mscope(_[a-z]+)?\M'
)

select
    a.attname::text as tenant,
    count(distinct p.polrelid) as tables
from pg_catalog.pg_policy as p
inner join pg_catalog.pg_class as c on p.polrelid = c.oid
inner join pg_catalog.pg_attribute as a on p.polrelid = a.attrelid and a.attnum > 0 and not a.attisdropped
cross join lateral (
    select concat_ws(
        ' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
    )
) as e (text)
where
    c.relnamespace::regnamespace::text !~ '^(mcp($|_)|pg_)'
    and e.text ~ ('\m' || regexp_replace(a.attname, '\W', '.', 'g') || '"?\)?(::[a-z ]+)?\)? = (ANY )?\(')
    and exists (
        select
        from pg_catalog.pg_depend as d
        inner join readers as r on d.refobjid = r.oid
        where d.classid = 'pg_catalog.pg_policy'::regclass and d.objid = p.oid
    )
group by a.attname
order by count(distinct p.polrelid) desc, a.attname;
