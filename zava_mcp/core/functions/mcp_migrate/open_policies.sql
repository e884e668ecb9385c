create or replace view mcp_migrate.open_policies (oid, is_check, text, is_by_user)
with (security_invoker = true) as
select
    p.oid,
    e.is_check,
    x.text,
    not o.is_always and e.tree::text ~ '\{SQLVALUEFUNCTION ' as is_by_user
from pg_catalog.pg_policy as p
cross join lateral (values (false, p.polqual), (true, p.polwithcheck)) as e (is_check, tree)
cross join lateral pg_get_expr(e.tree, p.polrelid) as x (text)
cross join
    lateral (
        values (x.text ~ '^\(true OR |[^()] OR true\)$|\) OR true\)$')
    ) as o (is_always)
where
    p.polpermissive
    and x.text <> 'false'
    and (
        o.is_always
        -- "1 = 1" does not ask the row, nor does what only compares the name of who reads
        or e.tree::text !~ '\{(VAR|SUBLINK|FUNCEXPR) '
        and (e.tree::text !~ '\{SQLVALUEFUNCTION ' or x.text ~ '\mCURRENT_USER\M')
    );

comment on view mcp_migrate.open_policies is
'Expressions of permissive policies that admit every row by their words: true, what does not ask '
'the row, such as 1 = 1, or anything OR true.';
comment on column mcp_migrate.open_policies.oid is 'Key in pg_policy.';
comment on column mcp_migrate.open_policies.is_check is
'Whether it is the one of WITH CHECK, not that of USING.';
comment on column mcp_migrate.open_policies.text is 'The expression.';
comment on column mcp_migrate.open_policies.is_by_user is
'Whether it asks who reads: every row or none for each role.';
