create or replace function mcp_migrate.restore_acl(
    kind text, object text, column_name text, acl text
)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
    v_acl aclitem[] := acl::aclitem[];
begin
    -- GRANT cannot write the order of a list, nor make it null again; its content is right already
    case
        when kind = 'function' then
            update pg_proc as p set proacl = v_acl
            where p.oid = to_regprocedure(object)
                and mcp_migrate.is_same_acl(p.proacl, v_acl, acldefault('f', p.proowner));
        when kind = 'table' and column_name = '' then
            update pg_class as c set relacl = v_acl
            where c.oid = to_regclass(object)
                and mcp_migrate.is_same_acl(c.relacl, v_acl, acldefault('r', c.relowner));
        when kind = 'table' then
            update pg_attribute as a set attacl = v_acl
            where a.attrelid = to_regclass(object)
                and a.attname = column_name
                and mcp_migrate.is_same_acl(a.attacl, v_acl, '{}');
        when kind = 'schema' then
            update pg_namespace as n set nspacl = v_acl
            where n.oid = to_regnamespace(object)
                and mcp_migrate.is_same_acl(n.nspacl, v_acl, acldefault('n', n.nspowner));
        when kind = 'language' then
            update pg_language as l set lanacl = v_acl
            where quote_ident(l.lanname) = object
                and mcp_migrate.is_same_acl(l.lanacl, v_acl, acldefault('l', l.lanowner));
        when kind = 'database' then
            update pg_database as d set datacl = v_acl
            where d.datname = current_database()
                and mcp_migrate.is_same_acl(d.datacl, v_acl, acldefault('d', d.datdba));
    end case;
end
$$;

comment on function mcp_migrate.restore_acl(text, text, text, text) is $comment$
Write an access list as it was, where it grants the same already: its order, and null for the default.

@param kind as mcp_migrate.forbidden gives it
@param object as mcp_migrate.forbidden gives it; of a database any, since it is this one
@param column_name the column of a table, or empty
@param acl what mcp_migrate.acl_of gave before
$comment$;

revoke all on function mcp_migrate.restore_acl(text, text, text, text) from public;
