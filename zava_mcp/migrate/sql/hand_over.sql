-- What a login that is no superuser grants for a moment, and how it takes that back: a role gets an
-- object only if it may create in its schema.
select
    format('grant create on schema %I to %I', n.nspname, r.rolname) as opening,
    format('revoke create on schema %I from %I', n.nspname, r.rolname) as closing
from pg_namespace as n
inner join pg_roles as me on n.nspowner = me.oid and me.rolname = current_user and not me.rolsuper
inner join pg_roles as r on me.oid <> r.oid and pg_has_role(me.oid, r.oid, 'set')
where n.nspname = any($1::text[]) and not has_schema_privilege(r.oid, n.oid, 'create')
