-- schema_name.table_name: who sees which rows. Insert some first: to see nothing in an empty
-- table proves nothing.
begin;
set local search_path = tests, public;
select plan(2);
select tests.load_fixture();

select policies_are(
    'schema_name', 'table_name', array['table_name_select'],
    'one permissive policy for each command'
);
select policy_roles_are(
    'schema_name', 'table_name', 'table_name_select', array['mcp_tools', 'mcp_sandbox'],
    'it applies to the tools alone'
);

select finish();
rollback;
