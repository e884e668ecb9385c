create or replace function mcp_catalog.hidden_types(function oid)
returns setof text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        format(
            'mcp_core may not use schema %1$I, where its type %2$s is: grant usage on schema %1$I '
            'to mcp_core',
            n.nspname,
            string_agg(distinct format_type(t.oid, -1), ', ')
        )
    from mcp_catalog.signature_types(hidden_types.function) as u
    inner join pg_catalog.pg_type as t on u.type = t.oid
    inner join pg_catalog.pg_namespace as n on t.typnamespace = n.oid
    inner join pg_catalog.pg_roles as me on me.rolname = 'mcp_core'
    where
        not exists (
            select
            from aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as a
            left join pg_catalog.pg_roles as g on a.grantee = g.oid
            where
                a.privilege_type = 'USAGE'
                and (a.grantee = 0 or pg_has_role(me.oid, g.rolname, 'usage'))
        )
        -- of a result the core names a type only to ask a domain of numbers about NaN
        and (u.is_input or t.typtype = 'd' and t.typcategory = 'N')
    group by n.nspname
    order by n.nspname;
end;

comment on function mcp_catalog.hidden_types(oid) is $comment$
List the types of a function that the core must name, and may not, since it may not use their schema.

@param function  The function.
@returns One sentence a schema, with its remedy; no row when there is none.
$comment$;

alter function mcp_catalog.hidden_types(oid) owner to mcp_core;
revoke all on function mcp_catalog.hidden_types(oid) from public;
