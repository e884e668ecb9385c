-- What is on a table by files of this tree, as the ledger says: whether its row-level security is,
-- and whether there are policies besides.
select
    exists (
        select from mcp_migrate.made as m
        where m.kind = 'row security' and m.oid = %(oid)s and m.tree = %(tree)s
    ) as is_on_by_us,
    exists (
        select
        from pg_policy as p
        join pg_class as c on c.oid = p.polrelid
        join pg_namespace as n on n.oid = c.relnamespace
        where
            p.polrelid = %(oid)s and p.polpermissive and p.polcmd in ('r', '*')
            and not exists (
                select from mcp_migrate.object as o
                where
                    o.kind = 'policy' and o.tree = %(tree)s
                    and o.identity = format('%%I on %%I.%%I', p.polname, n.nspname, c.relname)
            )
    ) as has_policies
