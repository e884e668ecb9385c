create or replace view mcp_migrate.guarded (relation)
with (security_invoker = true) as
with recursive guarded (relation) as (
    select c.oid
    from pg_catalog.pg_class as c
    where c.relkind in ('r', 'p') and c.relrowsecurity
    union
    select i.inhrelid
    from guarded as g
    inner join pg_catalog.pg_inherits as i on g.relation = i.inhparent
)

select g.relation
from guarded as g;

comment on view mcp_migrate.guarded is
'Tables with row-level security, and their partitions and children: who reads such a part by '
'itself is bound by no policy of the table above.';
comment on column mcp_migrate.guarded.relation is 'The table.';
