-- The lock-down: what it grants to the core's roles, whom it spares, and each access list that
-- it changed. "zava-mcp migrate lockdown on" makes it; docs/lockdown.md says what for.
create table mcp_migrate.lockdown_grants (
    role name not null,
    privilege text not null,
    kind text not null,
    object text,
    reason text not null,
    constraint lockdown_grants_key unique nulls not distinct (role, privilege, kind, object),
    constraint lockdown_grants_kind_check
    check (kind in ('function', 'table', 'schema', 'database'))
);
comment on table mcp_migrate.lockdown_grants is
'Privileges that a role keeps when the lock-down takes them from PUBLIC. '
'mcp_migrate.check_lockdown finds what is not listed.';
comment on column mcp_migrate.lockdown_grants.role is 'Who may use it.';
comment on column mcp_migrate.lockdown_grants.privilege is 'execute, select or connect.';
comment on column mcp_migrate.lockdown_grants.kind is 'function, table (or view), or database.';
comment on column mcp_migrate.lockdown_grants.object is
'Its name as mcp_migrate.forbidden() gives it; null is this database.';
comment on column mcp_migrate.lockdown_grants.reason is 'What for.';

create table mcp_migrate.spared (
    role name not null,
    constraint spared_pkey primary key (role)
);
comment on table mcp_migrate.spared is
'Roles that keep what the lock-down takes from PUBLIC: logins of others, named by "lockdown on '
'--spare". The owner of schema mcp_migrate, which runs the migrations, keeps it without a row.';
comment on column mcp_migrate.spared.role is 'Who.';

create table mcp_migrate.locked (
    kind text not null,
    object text not null,
    column_name text not null,
    acl_before text,
    acl_after text,
    is_exact boolean not null default true,
    constraint locked_pkey primary key (kind, object, column_name)
);
comment on table mcp_migrate.locked is
'Each access list that mcp_migrate.lock_down() changed, as it was before: what '
'mcp_migrate.lift_lockdown() restores.';
comment on column mcp_migrate.locked.kind is 'function, table, schema, language or database.';
comment on column mcp_migrate.locked.object is
'Its name as mcp_migrate.forbidden() gives it; empty is this database.';
comment on column mcp_migrate.locked.column_name is 'The column of a table; empty is the table.';
comment on column mcp_migrate.locked.acl_before is 'As the catalogue had it; null is the default.';
comment on column mcp_migrate.locked.acl_after is 'As the lock-down left it.';
comment on column mcp_migrate.locked.is_exact is
'False once somebody else changed it too: then the privileges go back, and the rest stays.';

create table mcp_migrate.locked_privileges (
    kind text not null,
    object text not null,
    column_name text not null,
    role name,
    privilege text not null,
    constraint locked_privileges_key
    unique nulls not distinct (kind, object, column_name, role, privilege),
    constraint locked_privileges_locked_fkey foreign key (kind, object, column_name)
    references mcp_migrate.locked on delete cascade
);
comment on table mcp_migrate.locked_privileges is
'What the lock-down did to each access list, privilege by privilege.';
comment on column mcp_migrate.locked_privileges.kind is 'As in mcp_migrate.locked.';
comment on column mcp_migrate.locked_privileges.object is 'As in mcp_migrate.locked.';
comment on column mcp_migrate.locked_privileges.column_name is 'As in mcp_migrate.locked.';
comment on column mcp_migrate.locked_privileges.role is
'Who was given it; null is PUBLIC, from which it was taken.';
comment on column mcp_migrate.locked_privileges.privilege is 'As GRANT writes it.';

insert into mcp_migrate.lockdown_grants (role, privilege, kind, object, reason)
values ('mcp_server', 'connect', 'database', null, 'the MCP server''s logins are members of it');

insert into mcp_migrate.lockdown_grants (role, privilege, kind, object, reason)
select
    v.role,
    case when o.object like '%(%' then 'execute' else 'select' end as privilege,
    case when o.object like '%(%' then 'function' else 'table' end as kind,
    o.object,
    v.reason
from (
    values
    (
        'mcp_core', 'the signed context, bound to the process; reads are made read-only',
        array['set_config(text,text,boolean)', 'current_setting(text,boolean)', 'pg_backend_pid()']
    ),
    ('mcp_core', 'which tools an audience has', array['has_function_privilege(name,oid,text)']),
    (
        'mcp_core', 'which columns are masked, and which views mask them',
        array[
            'pg_catalog.pg_rewrite', 'has_any_column_privilege(name,oid,text)',
            'has_column_privilege(name,oid,smallint,text)'
        ]
    ),
    ('mcp_core', 'who may own what is beside the tools', array['pg_has_role(oid,name,text)']),
    (
        'mcp_core', 'messages, keys and the text of calls; never a caller''s pattern or length',
        array['format(text,"any")', 'repeat(text,integer)']
    ),
    ('mcp_core', 'how long an answer is', array['pg_column_size("any")']),
    (
        'mcp_core', 'whether a value fits its type, and why not',
        array['pg_input_is_valid(text,text)', 'pg_input_error_info(text,text)']
    ),
    ('mcp_core', 'whose partition a changed row is in', array['pg_partition_root(regclass)']),
    (
        'mcp_core', 'the call log: its partitions, one writer at a time',
        array['pg_advisory_xact_lock(bigint)', 'pg_catalog.pg_inherits', 'to_regclass(text)']
    ),
    (
        'mcp_core', 'notes that DDL may have changed a tool, and tells the servers',
        array['pg_event_trigger_ddl_commands()', 'pg_notify(text,text)']
    ),
    (
        'mcp_core', 'describes tools by their signatures, types, comments and grants',
        array[
            'pg_catalog.pg_proc', 'pg_catalog.pg_type', 'pg_catalog.pg_attribute',
            'pg_catalog.pg_enum', 'pg_catalog.pg_namespace', 'pg_catalog.pg_depend',
            'pg_catalog.pg_description', 'pg_catalog.pg_constraint', 'pg_catalog.pg_cast',
            'obj_description(oid,name)', 'col_description(oid,integer)', 'format_type(oid,integer)',
            'oidvectortypes(oidvector)', 'to_regnamespace(text)',
            'pg_get_function_arg_default(oid,integer)', 'aclexplode(aclitem[])'
        ]
    ),
    (
        'mcp_core', 'how far a replica lags behind its primary',
        array['pg_current_wal_insert_lsn()', 'pg_last_wal_replay_lsn()', 'pg_is_in_recovery()']
    ),
    (
        'mcp_core', 'whether the server''s login has powers',
        array['pg_catalog.pg_class', 'pg_catalog.pg_roles', 'pg_catalog.pg_auth_members']
    ),
    (
        'mcp_tools', 'describes the tables that the sandbox may read',
        array[
            'pg_catalog.pg_class', 'pg_catalog.pg_namespace', 'pg_catalog.pg_attribute',
            'pg_catalog.pg_constraint', 'pg_catalog.pg_enum', 'pg_catalog.pg_description',
            'obj_description(oid,name)', 'col_description(oid,integer)', 'format_type(oid,integer)',
            'has_any_column_privilege(name,oid,text)',
            'has_column_privilege(name,oid,smallint,text)',
            'pg_catalog.pg_policy', 'pg_get_expr(pg_node_tree,oid)'
        ]
    ),
    (
        'mcp_tools', 'text that the tool decides; never a caller''s pattern or length',
        array[
            'format(text,"any")', 'repeat(text,integer)', 'lpad(text,integer,text)',
            'rpad(text,integer,text)'
        ]
    ),
    (
        'mcp_tools', 'how long a value of the sandbox''s stand-ins is',
        array['pg_column_size("any")']
    )
) as v (role, reason, objects)
cross join unnest(v.objects) as o (object);

insert into mcp_catalog.settings (name, value, description)
values (
    'lockdown', 'null',
    'Whether PostgreSQL''s own functions and catalogues are locked; null before the first apply.'
);

-- Operators for SQL of clients, in front of built-in ones that run away with long arguments. Their
-- functions are made here: a managed function that an operator needs could not be dropped.
create schema mcp_operator;
comment on schema mcp_operator is
'What the operators of schema mcp_sandbox call. Nobody uses it by name.';
grant create on schema mcp_operator to mcp_tools;
do $do$
declare
    v_operator record;
begin
    for v_operator in
        select o.*
        from (
            values
            ('like_text', '~~', 'text', 'text', 'octet_length(one)::bigint * octet_length(other) > 100000000'),
            ('not_like_text', '!~~', 'text', 'text', 'octet_length(one)::bigint * octet_length(other) > 100000000'),
            ('ilike_text', '~~*', 'text', 'text', 'octet_length(one)::bigint * octet_length(other) > 100000000'),
            ('not_ilike_text', '!~~*', 'text', 'text', 'octet_length(one)::bigint * octet_length(other) > 100000000'),
            ('like_char', '~~', 'bpchar', 'text', 'octet_length(one)::bigint * octet_length(other) > 100000000'),
            ('not_like_char', '!~~', 'bpchar', 'text', 'octet_length(one)::bigint * octet_length(other) > 100000000'),
            ('ilike_char', '~~*', 'bpchar', 'text', 'octet_length(one)::bigint * octet_length(other) > 100000000'),
            ('not_ilike_char', '!~~*', 'bpchar', 'text', 'octet_length(one)::bigint * octet_length(other) > 100000000'),
            ('array_overlaps', '&&', 'anyarray', 'anyarray', 'cardinality(one)::bigint * cardinality(other) > 4000000'),
            ('array_contains', '@>', 'anyarray', 'anyarray', 'cardinality(one)::bigint * cardinality(other) > 4000000'),
            ('array_contained', '<@', 'anyarray', 'anyarray', 'cardinality(one)::bigint * cardinality(other) > 4000000'),
            ('json_contains', '@>', 'jsonb', 'jsonb', 'pg_column_size(one)::bigint * pg_column_size(other) > 1000000000'),
            ('json_contained', '<@', 'jsonb', 'jsonb', 'pg_column_size(one)::bigint * pg_column_size(other) > 1000000000'),
            ('json_has_any', '?|', 'jsonb', 'text[]', 'pg_column_size(one)::bigint * cardinality(other) > 10000000'),
            ('json_has_all', '?&', 'jsonb', 'text[]', 'pg_column_size(one)::bigint * cardinality(other) > 10000000')
        ) as o (name, sign, one, other, bound)
    loop
        execute format(
            'create function mcp_operator.%I(one %s, other %s) returns boolean language plpgsql immutable strict '
            'parallel safe security definer set search_path = pg_catalog, pg_temp as %L',
            v_operator.name, v_operator.one, v_operator.other,
            format(
                E'begin\n    if %s then\n        raise program_limit_exceeded using\n            message = %L,\n'
                '            hint = ''Compare shorter values.'';\n    end if;\n    return one operator(pg_catalog.%s) other;\nend',
                v_operator.bound, format('the operator %s takes no values as long as these here', v_operator.sign), v_operator.sign
            )
        );
        execute format(
            'comment on function mcp_operator.%I(%s, %s) is %L', v_operator.name, v_operator.one, v_operator.other,
            format(
                E'The built-in operator %s, bounded, for SQL of clients.\n\n@param one    The left side.\n'
                '@param other  The right side.\n@returns True or false.\n@error 54000 The values are too long for it.',
                v_operator.sign
            )
        );
        execute format(
            'revoke all on function mcp_operator.%1$I(%2$s, %3$s) from public; '
            'grant execute on function mcp_operator.%1$I(%2$s, %3$s) to mcp_sandbox; '
            'create operator mcp_sandbox.%4$s (function = mcp_operator.%1$I, leftarg = %2$s, rightarg = %3$s)',
            v_operator.name, v_operator.one, v_operator.other, v_operator.sign
        );
        execute format(
            'alter function mcp_operator.%I(%s, %s) owner to mcp_tools', v_operator.name, v_operator.one, v_operator.other
        );
    end loop;
end
$do$;
revoke create on schema mcp_operator from mcp_tools;
