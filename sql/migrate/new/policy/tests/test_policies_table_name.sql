-- schema_name.table_name: who sees which rows. Insert some first: to see nothing in an empty table
-- proves nothing.
begin;
set local search_path = tests, ext, public;
select plan(3);
select tests.load_fixture();

select policies_are(
    'schema_name', 'table_name', array['table_name_select'],
    'one permissive policy for each command'
);
select policy_roles_are(
    'schema_name', 'table_name', 'table_name_select', array['zava_tools', 'zava_sandbox'],
    'it applies to the tools alone'
);
select is_empty(
    tests.reads('manager_a', 'select * from schema_name.table_name'),
    'manager_a: nothing yet'
);

select finish();
rollback;
