create or replace view mcp_migrate.check_system_columns (object, problem, number)
with (security_invoker = true) as
select
    c.oid::regclass::text as object,
    format(
        'the sandbox may read its system columns, which count the rows of others (ctid) and their '
        'writes (xmin)%s: revoke select on %s from %s%s',
        case when g.is_public then ', since PUBLIC may' end,
        c.oid::regclass,
        case when g.is_public then 'public, and grant it to who needs it' else 'mcp_sandbox' end,
        (
            select
                format(
                    '; grant select (%s) on %s to mcp_sandbox',
                    string_agg(quote_ident(a.attname), ', ' order by a.attnum),
                    c.oid::regclass
                )
            from pg_catalog.pg_attribute as a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and not g.is_public
            having count(*) > 0
        )
    ) as problem,
    case when g.is_public then 'ZM109' else 'ZM106' end as number
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
cross join
    lateral (
        select
            coalesce(bool_or(a.grantee = 0), false)
            and not bool_or(a.grantee <> 0 and pg_has_role('mcp_sandbox', a.grantee, 'usage'))
                as is_public
        from pg_catalog.aclexplode(nullif(c.relacl, '{}')) as a
        where a.privilege_type = 'SELECT'
    ) as g
where
    c.relkind in ('r', 'p', 'm', 'f')
    -- of others' temporary tables and of catalogues the lock-down judges
    and n.nspname !~ '^pg_|^information_schema$'
    and exists (
        select
        from pg_catalog.pg_attribute as a
        where
            a.attrelid = c.oid
            and a.attnum < 0
            and has_column_privilege('mcp_sandbox', c.oid, a.attnum, 'select')
    );

comment on view mcp_migrate.check_system_columns is
'Tables whose system columns SQL of clients may read: a grant of the whole table includes them, a '
'grant by column does not.';
comment on column mcp_migrate.check_system_columns.object is 'The table.';
comment on column mcp_migrate.check_system_columns.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_system_columns.number is 'Number in mcp_migrate.checks.';
