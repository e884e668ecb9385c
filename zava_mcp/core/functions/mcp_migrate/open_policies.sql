create or replace view mcp_migrate.open_policies (oid, is_check)
with (security_invoker = true) as
select
    p.oid,
    e.is_check
from pg_catalog.pg_policy as p
cross join lateral (values (false, p.polqual), (true, p.polwithcheck)) as e (is_check, tree)
cross join lateral pg_get_expr(e.tree, p.polrelid) as x (text)
where
    p.polpermissive
    and x.text <> 'false'
    and (
        -- "1 = 1" asks neither the row nor who calls
        e.tree::text !~ '\{(VAR|SUBLINK|FUNCEXPR|SQLVALUEFUNCTION) '
        or x.text ~ '^\(true OR |[^()] OR true\)$|\) OR true\)$'
    );

comment on view mcp_migrate.open_policies is
'Expressions of permissive policies that admit every row by their words: true, what asks neither '
'the row nor who calls, such as 1 = 1, or anything OR true.';
comment on column mcp_migrate.open_policies.oid is 'Key in pg_policy.';
comment on column mcp_migrate.open_policies.is_check is
'Whether it is the one of WITH CHECK, not that of USING.';
