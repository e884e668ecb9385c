-- mcp_migrate.open_policies: what admits every row by its words, for check_policies and bypasses.
-- needs: superuser
begin;
set local search_path = tests, public;
select plan(9);

create function pg_temp.is_open(expression text) returns boolean
language plpgsql
as $$
begin
    execute format('alter policy notes_select on demo.notes using (%s)', expression);
    return exists (
        select
        from mcp_migrate.open_policies as o
        inner join pg_catalog.pg_policy as p on o.oid = p.oid
        where p.polname = 'notes_select' and not o.is_check
    );
end
$$;

select is(pg_temp.is_open(c.expression), c.is_open, c.expression)
from (
    values
    ('true', true),
    ('1 = 1', true),
    ('not false', true),
    ('tenant_id is null or true', true),
    ('true or tenant_id is null', true),
    ('false', false),
    ('tenant_id = any((select demo.scope())::uuid[])', false),
    ('tenant_id is null and (note_id is null or true)', false)
) as c (expression, is_open);
alter policy notes_select on demo.notes using (1 = 1);
select ok(
    exists (
        select from mcp_migrate.check_policies as c
        where
            c.object = 'notes_select on demo.notes'
            and c.problem like 'it admits every row%'
    ),
    'check_policies finds it'
);

select finish();
rollback;
