-- mcp_migrate.bypasses: what gives rows around row-level security; check_descriptions: tools
-- without words.
-- needs: superuser
begin;
set local search_path = tests, public;
select plan(21);

create role test_plain nologin;
create role test_tables nologin;
create schema test_port authorization test_tables;
grant usage, create on schema test_port to test_plain;
create table test_port.guarded (tenant text, amount integer);
create table test_port.open_to_all (amount integer);
alter table test_port.guarded owner to test_tables;
alter table test_port.guarded enable row level security;
grant select on test_port.guarded to test_plain;
create function test_port.found(named text)
returns text
language sql
stable
begin atomic
    select b.reason from mcp_migrate.bypasses as b where b.object = found.named;
end;

create view test_port.as_superuser as select g.amount from test_port.guarded as g;
create view test_port.as_caller with (security_invoker = true) as
select g.amount from test_port.guarded as g;
create view test_port.as_owner as select g.amount from test_port.guarded as g;
alter view test_port.as_owner owner to test_tables;
create view test_port.as_plain as select g.amount from test_port.guarded as g;
alter view test_port.as_plain owner to test_plain;
create view test_port.over_superuser with (security_invoker = true) as
select s.amount from test_port.as_superuser as s;
create view test_port.harmless as select o.amount from test_port.open_to_all as o;
create materialized view test_port.stored as select g.amount from test_port.guarded as g;
create function test_port.helped() returns setof test_port.guarded
language sql stable
as 'select g.* from test_port.guarded as g';
create function test_port.definer() returns bigint
language sql stable security definer
as 'select sum(amount) from test_port.helped()';

select is(
    test_port.found('test_port.as_superuser'),
    'it reads test_port.guarded as ' || current_user
    || ', who sees every row whatever the caller may see (a superuser)',
    'a view of a superuser'
);
select is(
    test_port.found('test_port.as_caller'), null, 'a security_invoker view reads as the caller'
);
select is(
    test_port.found('test_port.as_owner'),
    'it reads test_port.guarded as test_tables, who sees every row whatever the caller may see '
    || '(the owner, and row-level security is not forced)',
    'a view of the owner of the table'
);
alter table test_port.guarded force row level security;
select is(test_port.found('test_port.as_owner'), null, 'not where row-level security is forced');
create policy owner_select on test_port.guarded for select to test_tables using (true);
select matches(
    test_port.found('test_port.as_owner'),
    'a policy admits it to every row',
    'but where a policy lets the owner see every row'
);
alter policy owner_select on test_port.guarded using (1 = 1);
select matches(
    test_port.found('test_port.as_owner'),
    'a policy admits it to every row',
    'or where it says so in other words'
);
select is(test_port.found('test_port.as_plain'), null, 'a view of a role that policies bind');
select isnt(test_port.found('test_port.over_superuser'), null, 'a view over such a view');
create view test_port.over_caller as select c.amount from test_port.as_caller as c;
select isnt(
    test_port.found('test_port.over_caller'), null,
    'a view of a superuser over one that reads as who asks'
);
-- what zava-mcp new policy writes for who has rights through PUBLIC
create function test_port.of_plain() returns bigint
language sql stable security definer
as 'select sum(amount) from test_port.guarded';
alter function test_port.of_plain() owner to test_plain;
select is(test_port.found('test_port.of_plain()'), null, 'a function of a role that policies bind');
create policy guarded_but_tools on test_port.guarded to public
using (current_user not in ('mcp_tools', 'mcp_sandbox'));
select matches(
    test_port.found('test_port.of_plain()'),
    'a policy admits it to every row',
    'a function reads as its owner, whom a policy for all but the tools admits'
);
select is(
    test_port.found('test_port.as_plain'), null,
    'to a view of the same owner such a policy is what it is to who asks'
);
alter policy guarded_but_tools on test_port.guarded using (current_user = 'test_plain');
select isnt(test_port.found('test_port.of_plain()'), null, 'nor one that names the owner');
alter policy guarded_but_tools on test_port.guarded using (current_user = 'test_tables');
select is(test_port.found('test_port.of_plain()'), null, 'one that names another admits nothing');
alter policy guarded_but_tools on test_port.guarded using (current_user <> 'test_plain');
select is(test_port.found('test_port.of_plain()'), null, 'nor one for all but the owner');
drop policy guarded_but_tools on test_port.guarded;
create table test_port.months (amount integer) partition by range (amount);
alter table test_port.months enable row level security;
create table test_port.month partition of test_port.months for values from (0) to (9);
create view test_port.of_month with (security_invoker = true) as
select m.amount from test_port.month as m;
create view test_port.this_month as select o.amount from test_port.of_month as o;
alter view test_port.this_month owner to test_plain;
select is(
    test_port.found('test_port.this_month'),
    'it reads test_port.month as test_plain, who sees every row whatever the caller may see (it is '
    'a part of a table, whose policies do not bind it)',
    'a view over a partition, through another view'
);
select is(test_port.found('test_port.harmless'), null, 'a view over a table that guards nothing');
select is(
    test_port.found('test_port.stored'),
    'it keeps rows of test_port.guarded for everybody, whatever row-level security says',
    'a materialized view'
);
select isnt(
    test_port.found('test_port.definer()'), null, 'a definer function, through what it calls'
);
create function demo_api.test_sum() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as 'select test_port.definer()';
select tests.offer('demo_api.test_sum()', 'TODO: say what.');
select results_eq(
    $$select w.object from mcp_migrate.check_descriptions as w$$,
    array['demo_api.test_sum()'],
    'check_descriptions: a comment that says TODO'
);
comment on function demo_api.test_sum() is 'Add up what todo lists cost.';
select is_empty(
    $$select w.object from mcp_migrate.check_descriptions as w$$,
    'check_descriptions: not one that says something'
);

select finish();
rollback;
