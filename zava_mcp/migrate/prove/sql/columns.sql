-- The columns that arguments may take values of. is_own: its table is where its ids come from.
select
    c.relation,
    r.name as relation_name,
    c.name::text as column_name,
    c.base::text as type,
    c.is_key
    and not exists (
        select
        from pg_catalog.pg_constraint as f
        where f.contype = 'f' and f.conrelid = c.relation and c.position = any(f.conkey)
    ) as is_own
from pg_temp.prove_columns as c
inner join pg_temp.prove_relations as r on c.relation = r.relation
where r.hidden_where is null
order by r.tenant is null, r.name, c.position;
