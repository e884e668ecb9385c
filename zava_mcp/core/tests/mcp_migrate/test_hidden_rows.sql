-- mcp_migrate.check_hidden_rows and row_users: who has rights on a table, and sees no row of it
-- since files of ours turned row-level security on.
-- needs: superuser
begin;
set local search_path = tests, public;
select plan(10);

create role test_owner nologin;
create role test_group nologin;
create role test_member nologin in role test_group;
create role test_late nologin;
create schema test_shop authorization test_owner;
create table test_shop.orders (tenant integer, amount integer);
alter table test_shop.orders owner to test_owner;
grant select on test_shop.orders to test_group;
grant update (amount) on test_shop.orders to test_late;
create function pg_temp.found() returns text
language sql
return (
    select substring(h.problem from '^(.*) may use it')
    from mcp_migrate.check_hidden_rows as h
    where h.object = 'test_shop.orders' and h.number = 'ZM115'
);

select set_eq(
    $$select u.role::regrole::text || ' ' || u.privilege from mcp_migrate.row_users as u
    where u.relation = 'test_shop.orders'::regclass
    and u.role in ('test_group'::regrole, 'test_late'::regrole)$$,
    array['test_group SELECT', 'test_late UPDATE'],
    'row_users: a grant on the table, and one on a column'
);
grant pg_read_all_data to test_late;
select ok(
    exists (
        select
        from mcp_migrate.row_users as u
        where
            u.relation = 'test_shop.orders'::regclass
            and u.role = 'pg_read_all_data'::regrole
            and u.privilege = 'SELECT'
    ),
    'row_users: a predefined role that has a member'
);
revoke pg_read_all_data from test_late;

alter table test_shop.orders enable row level security;
select is(pg_temp.found(), null, 'row-level security of others is theirs');
insert into mcp_migrate.made (kind, name, oid, tree, id)
values ('row security', 'test_shop.orders', 'test_shop.orders'::regclass, 'shop', 'p');
select is(pg_temp.found(), 'test_group, test_late', 'that of ours hides the rows from both');
create policy orders_as_before on test_shop.orders to test_group using (true);
select is(pg_temp.found(), 'test_late', 'but from who is named');
grant select on test_shop.orders to test_member;
select is(pg_temp.found(), 'test_late', 'and from a member of who is named');
grant select on test_shop.orders to public;
select is(pg_temp.found(), 'PUBLIC, test_late', 'PUBLIC wants a policy of its own');
alter policy orders_as_before on test_shop.orders to public;
select is(pg_temp.found(), null, 'which is for all');
alter policy orders_as_before on test_shop.orders to test_group, test_late;
revoke select on test_shop.orders from public;
select is(pg_temp.found(), null, 'the owner is not bound');
alter table test_shop.orders force row level security;
select is(pg_temp.found(), 'test_owner', 'but where it is forced');

select finish();
rollback;
