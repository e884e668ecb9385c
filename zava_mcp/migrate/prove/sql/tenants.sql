-- The tenant columns: those that a policy compares with the scope of the caller, by how many tables
-- have them. is_key: the column alone is the primary key, as of a table of the tenants themselves.
drop table if exists pg_temp.prove_policed; -- of a run before in the same transaction
create temp table prove_policed on commit drop as
with readers as (
    select p.oid
    from pg_catalog.pg_proc as p
    where
        p.pronamespace::regnamespace::text = 'mcp_auth' and p.proname ~ '^scope_'
        or p.pronamespace::regnamespace::text !~ '^(mcp($|_)|pg_|information_schema$)'
        and coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) ~ 'mcp_auth'
        and coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) ~ '\mscope(_[a-z]+)?\M'
)

select distinct
    a.attname::text as tenant,
    p.polrelid as relation,
    exists (
        select
        from pg_catalog.pg_index as i
        where i.indrelid = p.polrelid and i.indisprimary and i.indkey::text = a.attnum::text
    ) as is_key
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
    );

select
    p.tenant,
    count(*) as tables
from pg_temp.prove_policed as p
group by p.tenant
order by count(*) desc, p.tenant;
