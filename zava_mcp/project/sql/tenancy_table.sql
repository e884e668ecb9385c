-- A table whose rows get a tenant: its kind, its owner, and what stands on it already.
select
    c.oid::bigint as oid, n.nspname::text as schema, c.relname::text as name,
    c.oid::regclass::text as shown, quote_ident(n.nspname) as quoted_schema,
    c.relkind::text as kind, c.relispartition as is_partition,
    pg_get_userbyid(c.relowner)::text as owner, c.relrowsecurity as is_on,
    c.relforcerowsecurity as is_forced, r.rolsuper or r.rolbypassrls as is_owner_free,
    -- a member of the tools, as who applies becomes; policies for the tools are for members too
    r.rolname = session_user or coalesce((
        select bool_or(pg_has_role(c.relowner, t.oid, 'usage'))
        from pg_roles as t where t.rolname = any(%(tools)s)
    ), false) as is_owner_member,
    exists (
        select from pg_policy as p
        where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*')
    ) as has_policies,
    (
        select string_agg(i.inhparent::regclass::text, ', ')
        from pg_inherits as i where i.inhrelid = c.oid
    ) as parents,
    coalesce((
        select bool_or(pg_has_role(t.oid, c.relowner, 'usage'))
        from pg_roles as t where t.rolname = any(%(tools)s)
    ), false) as is_of_tools,
    -- not what a file has granted: it says so again when it is written again
    not exists (
        select from aclexplode(n.nspacl) as a where a.grantee = 0 and a.privilege_type = 'USAGE'
    ) as is_schema_closed,
    (
        select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
        from pg_attribute as a
        where
            a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            and coalesce(col_description(c.oid, a.attnum), '') !~ '(^|\n)@mask\M'
            and (a.attname !~* %(secret)s or a.attname = %(column)s)
    ) as columns,
    array(
        select a.attname::text
        from pg_attribute as a
        where
            a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            and coalesce(col_description(c.oid, a.attnum), '') !~ '(^|\n)@mask\M'
            and a.attname ~* %(secret)s and a.attname <> %(column)s
        order by a.attnum
    ) as secrets,
    (
        select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
        from pg_attribute as a
        where
            a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            and col_description(c.oid, a.attnum) ~ '(^|\n)@mask\M'
    ) as masked
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
join pg_roles as r on r.oid = c.relowner
where c.oid = to_regclass(%(table)s) and c.relkind in ('r', 'p', 'v', 'm', 'f')
