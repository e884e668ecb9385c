create or replace view mcp_migrate.checks (number, level, name, title)
with (security_invoker = true) as
select
    v.number,
    v.level,
    v.name,
    v.title
from (
    values
    ('ZM101', 'error', 'row_security', 'A table that tools reach has no row-level security'),
    ('ZM102', 'error', 'row_security', 'A partition can be read around the policies of its table'),
    ('ZM103', 'error', 'row_security', 'Definer functions of the owner see every row'),
    ('ZM104', 'warning', 'row_security', 'A table with row-level security has no policy'),
    (
        'ZM105', 'warning', 'row_security',
        'Tools reach an accepted table without row-level security'
    ),
    ('ZM106', 'error', 'system_columns', 'Free queries read the system columns of a table'),
    ('ZM107', 'error', 'masks', 'A mask of a column cannot work'),
    ('ZM108', 'error', 'masks', 'A view masks by rules of before'),
    (
        'ZM109', 'warning', 'system_columns',
        'Free queries read the system columns of a table as PUBLIC'
    ),
    ('ZM111', 'error', 'policies', 'A policy applies to PUBLIC'),
    ('ZM112', 'error', 'policies', 'A policy admits every row'),
    ('ZM113', 'warning', 'policies', 'A policy calls a function for every row'),
    ('ZM114', 'warning', 'policies', 'A policy that was there applies to tools too'),
    ('ZM115', 'error', 'hidden_rows', 'Row-level security of ours hides every row from a role'),
    ('ZM121', 'error', 'view_security', 'A view that tools reach goes around row-level security'),
    ('ZM122', 'error', 'view_security', 'A materialised view holds the rows of all tenants'),
    (
        'ZM123', 'warning', 'view_security',
        'Tools reach a materialised view of all tenants through something else'
    ),
    ('ZM131', 'error', 'public_execute', 'PUBLIC may execute a function'),
    ('ZM132', 'error', 'definer_functions', 'A definer function has no search_path'),
    ('ZM133', 'error', 'definer_functions', 'The owner of a definer function has powers'),
    (
        'ZM134', 'error', 'definer_functions',
        'A definer function that tools reach goes around row-level security'
    ),
    ('ZM141', 'error', 'roles', 'A role has powers'),
    ('ZM142', 'error', 'roles', 'An audience is no role'),
    ('ZM143', 'error', 'core_access', 'A role that is not the core''s reaches its tables'),
    ('ZM151', 'error', 'lockdown', 'Somebody may use what the lock-down forbids'),
    ('ZM201', 'error', 'catalog', 'A function cannot be a tool'),
    ('ZM202', 'error', 'catalog', 'The catalogue is older than the functions'),
    ('ZM203', 'error', 'catalog', 'The function of a hook is gone'),
    ('ZM204', 'error', 'catalog', 'A term of the vocabulary cannot be offered'),
    ('ZM211', 'warning', 'cached_tables', 'Changes of a table do not reach cached answers'),
    ('ZM301', 'warning', 'comments', 'An object has no comment'),
    ('ZM302', 'note', 'comments', 'A table or column that tools reach has no comment'),
    ('ZM303', 'note', 'descriptions', 'The comment of a tool is not written yet'),
    ('ZM304', 'note', 'descriptions', 'Hosts cut a description, or refuse a name'),
    ('ZM305', 'note', 'descriptions', 'One of many tools does not say when to use it'),
    ('ZM306', 'note', 'descriptions', 'No audience may execute a tool'),
    ('ZM311', 'warning', 'foreign_keys', 'No index starts with the columns of a foreign key'),
    ('ZM312', 'warning', 'indexes', 'An index is invalid'),
    ('ZM321', 'warning', 'tenant_keys', 'A key does not start with the tenant'),
    ('ZM331', 'warning', 'distribution', 'The list of [distribute] does not fit the tables'),
    ('ZM332', 'warning', 'distributed_keys', 'A key does not fit a cluster'),
    (
        'ZM333', 'warning', 'distributed_code',
        'What runs on a worker has a form that Citus does not take'
    )
) as v (number, level, name, title);

comment on view mcp_migrate.checks is
'What the views check_* look for. A number keeps its meaning for ever; docs/checks has a page for '
'each.';
comment on column mcp_migrate.checks.number is 'Number, as in a finding and in zava.toml.';
comment on column mcp_migrate.checks.level is
'error: apply keeps nothing. warning: verify fails. note: for who reads.';
comment on column mcp_migrate.checks.name is 'Its view is mcp_migrate.check_<name>.';
comment on column mcp_migrate.checks.title is 'What is wrong, in one sentence.';
