create or replace function mcp_migrate.is_same_acl(
    one aclitem [], other aclitem [], usual aclitem []
)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select
    -- aclexplode refuses an empty list
    not exists (
        select a.* from aclexplode(nullif(coalesce(one, usual), '{}')) as a
        except
        select b.* from aclexplode(nullif(coalesce(other, usual), '{}')) as b
    )
    and not exists (
        select b.* from aclexplode(nullif(coalesce(other, usual), '{}')) as b
        except
        select a.* from aclexplode(nullif(coalesce(one, usual), '{}')) as a
    );
$$;

comment on function mcp_migrate.is_same_acl(aclitem [], aclitem [], aclitem []) is $comment$
Return whether two access lists grant the same.

@param one an access list; null is the default
@param other another one
@param usual the default
@returns true or false.
$comment$;

revoke all on function mcp_migrate.is_same_acl(aclitem [], aclitem [], aclitem []) from public;
