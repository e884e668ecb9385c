-- Statements that take back the grants and comments of the objects that files own, as if these had
-- just been created, since "create or replace" keeps them when a file does not give them any more.
with defaults as (
    -- what PUBLIC gets with a new function, unless default privileges say otherwise
    select
        not exists (
            select
            from pg_default_acl as d
            where
                d.defaclrole = current_user::regrole
                and d.defaclnamespace = 0
                and d.defaclobjtype = 'f'
                and not exists (select from aclexplode(d.defaclacl) as a where a.grantee = 0)
        ) as is_public
),

owned as materialized (
    select
        case o.kind when 'routine' then 'routine ' else 'table ' end || o.identity as target,
        o.kind || ' ' || o.identity as name,
        o.kind = 'routine' and f.is_public as is_public,
        coalesce(p.proowner, c.relowner) as owner,
        coalesce(p.proacl, c.relacl) as acl,
        coalesce(obj_description(p.oid, 'pg_proc'), obj_description(c.oid, 'pg_class')) as comment
    from mcp_migrate.object as o
    cross join defaults as f
    left join pg_proc as p
        on case o.kind when 'routine' then to_regprocedure(o.identity) end = p.oid
    left join pg_class as c
        on case o.kind when 'view' then to_regclass(o.identity) end = c.oid
    where o.tree || '/' || o.path = any($1::text[]) and coalesce(p.oid, c.oid) is not null
)

select distinct
    format(
        'revoke all on %s from %s',
        o.target,
        case a.grantee when 0 then 'public' else a.grantee::regrole::text end
    ) as statement
from owned as o
cross join aclexplode(o.acl) as a
where a.grantee <> o.owner and not (a.grantee = 0 and o.is_public)
union all
select format('grant execute on %s to public', o.target) as statement
from owned as o
where
    o.is_public
    and o.acl is not null
    and not exists (select from aclexplode(o.acl) as a where a.grantee = 0)
union all
select format('comment on %s is null', o.name) as statement
from owned as o
where o.comment is not null
