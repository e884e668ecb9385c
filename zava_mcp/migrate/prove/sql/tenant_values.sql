-- Ids of tenants that occur, for scopes: of the tenant columns of all tables.
create temp table prove_tenant_values (tenant text not null) on commit drop;
do $$
declare
    v_relation record;
begin
    for v_relation in
        select r.name, r.tenant
        from pg_temp.prove_relations as r
        where r.tenant is not null and r.kind in ('r', 'p')
    loop
        execute format(
            'insert into pg_temp.prove_tenant_values'
            ' select distinct t.%1$I::text from %2$s as t where t.%1$I is not null',
            v_relation.tenant, v_relation.name
        );
    end loop;
end
$$;
