-- The checks in a schema that others made: what tools do not reach is not judged, what they reach
-- is, and what goes around row-level security is found.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(45);

-- one owner whom row-level security does not bind, one of the tables, and one without either
create role test_strong bypassrls;
create role test_owner;
create role test_poor;
create schema guest;
grant all on schema guest to test_strong, test_owner, test_poor;
create table guest.orders (tenant_id uuid, total integer);
alter table guest.orders owner to test_owner;
alter table guest.orders enable row level security;
grant select on guest.orders to test_strong, test_poor;
create policy orders_poor on guest.orders for select to test_poor using (total < 10);
create table guest.countries (name text);
alter table guest.countries owner to test_owner;
create view guest.order_list as select o.total from guest.orders as o;
alter view guest.order_list owner to test_poor;
create view guest.order_sum as select sum(o.total) as total from guest.order_list as o;
alter view guest.order_sum owner to test_poor;
grant select on guest.order_list to test_strong;
create table guest.years (tenant_id uuid, total integer) partition by range (total);
alter table guest.years enable row level security;
create table guest.early partition of guest.years for values from (0) to (10);
create materialized view guest.totals as select o.total from guest.orders as o;
alter materialized view guest.totals owner to test_owner;
create function guest.order_count() returns bigint language sql stable security definer
begin atomic
    select count(*) from guest.orders;
end;
alter function guest.order_count() owner to test_poor;
revoke all on function guest.order_count() from public;

-- makes changes, gives what the checks say of guest then, and takes them back
create function pg_temp.found(changes text)
returns setof text
language plpgsql
as $$
declare
    v_view regclass;
    v_rows text[];
    v_found text[] := '{}';
begin
    begin
        execute changes;
        for v_view in
            select c.oid
            from pg_catalog.pg_class as c
            where c.relnamespace = 'mcp_migrate'::regnamespace and c.relname like 'check\_%'
        loop
            execute format(
                $query$
                select array_agg(c.number || ' ' || c.object) from %s as c where c.object ~ 'guest\.'
                $query$,
                v_view
            ) into v_rows;
            v_found := v_found || coalesce(v_rows, '{}');
        end loop;
        raise exception sqlstate 'ZZ000';
    exception
        when sqlstate 'ZZ000' then null;
    end;
    return query select f.line from unnest(v_found) as f (line) order by f.line collate "C";
end
$$;

select is_empty(
    $$select * from pg_temp.found('select 1')$$,
    'what tools do not reach is not judged: tables, views, policies, functions, comments'
);
select is_empty(
    $$select * from pg_temp.found('grant all on all tables in schema guest to mcp_tools')$$,
    'nor what they hold a privilege on in a schema that they may not use'
);
select is_empty(
    $$select * from pg_temp.found('grant usage on schema guest to mcp_tools')$$,
    'nor what they have no privilege on in a schema that they may use'
);
grant usage on schema guest to mcp_tools, mcp_sandbox;
select is_empty(
    $$select * from pg_temp.found('grant all on function guest.order_count() to mcp_core')$$,
    'the core itself is no tool'
);

-- what each case finds, of the numbers that it is about
select
    results_eq(
        format(
            'select f.line from pg_temp.found(%L) as f (line) where f.line ~ %L',
            c.changes, c.numbers
        ),
        c.expected,
        c.description
    )
from (
    values
    (
        'ZM1[02]', 'a view whose owner bypasses row-level security',
        $$alter view guest.order_list owner to test_strong;
        grant select on guest.order_list to mcp_tools$$,
        array['ZM121 guest.order_list']
    ),
    (
        'ZM1[02]', 'the sandbox reaches it as well, by a column',
        $$alter view guest.order_list owner to test_strong;
        grant select (total) on guest.order_list to mcp_sandbox$$,
        array['ZM121 guest.order_list']
    ),
    (
        'ZM1[02]', 'and so it does through PUBLIC',
        $$alter view guest.order_list owner to test_strong;
        grant select on guest.order_list to public$$,
        array['ZM121 guest.order_list']
    ),
    (
        'ZM1[02]', 'a view whose owner owns the table, which does not force row-level security',
        $$alter view guest.order_list owner to test_owner;
        grant select on guest.order_list to mcp_tools$$,
        array['ZM121 guest.order_list']
    ),
    (
        'ZM1[02]', 'a member of the owner passes as well',
        $$alter view guest.order_list owner to test_poor; grant test_owner to test_poor;
        grant select on guest.order_list to mcp_tools$$,
        array['ZM121 guest.order_list']
    ),
    (
        'ZM1[02]', 'the same where it is forced',
        $$alter view guest.order_list owner to test_owner;
        grant select on guest.order_list to mcp_tools;
        alter table guest.orders force row level security$$,
        '{}'
    ),
    (
        'ZM1[02]', 'a view of an owner whom row-level security binds',
        'grant select on guest.order_list to mcp_tools',
        '{}'
    ),
    (
        'ZM1[02]', 'unless a policy admits it to every row',
        $$grant select on guest.order_list to mcp_tools;
        alter policy orders_poor on guest.orders using (true)$$,
        array['ZM121 guest.order_list']
    ),
    (
        'ZM1[02]', 'a view and a materialised view over a partition, which no policy binds',
        $$create view guest.part_list as select p.total from guest.early as p;
        alter view guest.part_list owner to test_poor;
        grant select on guest.early to test_poor;
        create materialized view guest.part_totals as select p.total from guest.early as p;
        grant select on guest.part_list, guest.part_totals to mcp_tools$$,
        array['ZM121 guest.part_list', 'ZM122 guest.part_totals']
    ),
    (
        'ZM1[02]', 'a partition with policies of its own binds',
        $$create view guest.part_list as select p.total from guest.early as p;
        alter view guest.part_list owner to test_poor;
        grant select on guest.early to test_poor;
        alter table guest.early enable row level security;
        grant select on guest.part_list to mcp_tools$$,
        '{}'
    ),
    (
        'ZM1[02]', 'a child of a table with row-level security',
        $$create table guest.child () inherits (guest.orders);
        create view guest.child_list as select c.total from guest.child as c;
        grant select on guest.child_list to mcp_tools$$,
        array['ZM105 guest.child', 'ZM121 guest.child_list']
    ),
    (
        'ZM1[02]', 'a view that reads as who asks',
        $$alter view guest.order_list owner to test_strong;
        alter view guest.order_list set (security_invoker = true);
        grant select on guest.order_list to mcp_tools$$,
        '{}'
    ),
    (
        'ZM1[02]', 'a view that reads as who asks, written another way',
        $$alter view guest.order_list owner to test_strong;
        alter view guest.order_list set (security_invoker = on);
        grant select on guest.order_list to mcp_tools$$,
        '{}'
    ),
    (
        'ZM1[02]', 'a view behind the view that tools read',
        $$alter view guest.order_list owner to test_strong;
        grant select on guest.order_sum to mcp_tools$$,
        array['ZM121 guest.order_list']
    ),
    (
        'ZM1[02]', 'a view that reads as the view around it, whose owner bypasses',
        $$alter view guest.order_list set (security_invoker = true);
        alter view guest.order_sum owner to test_strong;
        grant select on guest.order_sum to mcp_tools$$,
        array['ZM121 guest.order_sum']
    ),
    (
        'ZM1[02]', 'a view over a table without row-level security: nothing goes around it',
        $$alter table guest.orders disable row level security;
        alter view guest.order_list owner to test_strong;
        grant select on guest.order_list to mcp_tools$$,
        array['ZM105 guest.orders']
    ),
    (
        'ZM1[02]', 'a materialised view of all tenants',
        'grant select on guest.totals to mcp_tools',
        array['ZM122 guest.totals']
    ),
    (
        'ZM1[02]', 'the same through a view',
        $$create view guest.my_totals as select t.total from guest.totals as t;
        alter view guest.my_totals owner to test_owner;
        grant select on guest.my_totals to mcp_tools$$,
        array['ZM123 guest.totals']
    ),
    (
        'ZM1[02]', 'a materialised view of what all may see',
        $$create materialized view guest.names as select c.name from guest.countries as c;
        grant select on guest.names to mcp_tools$$,
        array['ZM105 guest.countries']
    ),
    (
        'ZM13', 'a definer function whose owner bypasses row-level security',
        $$alter function guest.order_count() owner to test_strong;
        grant execute on function guest.order_count() to mcp_tools$$,
        array['ZM134 guest.order_count()']
    ),
    (
        'ZM13', 'a definer function of a role whom row-level security binds',
        'grant execute on function guest.order_count() to mcp_tools',
        '{}'
    ),
    (
        'ZM13', 'unless a policy admits it to every row',
        $$grant execute on function guest.order_count() to mcp_tools;
        alter policy orders_poor on guest.orders using (true)$$,
        array['ZM134 guest.order_count()']
    ),
    (
        'ZM13', 'or it reads a partition',
        $$create function guest.part_count() returns bigint language sql stable security definer
        as 'select count(*) from guest.early';
        alter function guest.part_count() owner to test_poor;
        revoke all on function guest.part_count() from public;
        grant execute on function guest.part_count() to mcp_tools$$,
        array['ZM134 guest.part_count()']
    ),
    (
        'ZM13', 'a definer function that calls another, whose owner sees every row',
        $$alter function guest.order_count() owner to test_strong;
        create function guest.outer_count() returns bigint language sql stable security definer
        as 'select guest.order_count()';
        alter function guest.outer_count() owner to test_poor;
        revoke all on function guest.outer_count() from public;
        grant execute on function guest.outer_count() to mcp_tools$$,
        array['ZM134 guest.outer_count()']
    ),
    (
        'ZM13', 'a definer function of the owner of a table that does not force it',
        $$alter function guest.order_count() owner to test_owner;
        grant execute on function guest.order_count() to mcp_tools$$,
        array['ZM134 guest.order_count()']
    ),
    (
        'ZM13', 'the same where it is forced',
        $$alter function guest.order_count() owner to test_owner;
        alter table guest.orders force row level security;
        grant execute on function guest.order_count() to mcp_tools$$,
        '{}'
    ),
    (
        'ZM13', 'one that PUBLIC may execute, where no free query and no tool comes to it',
        $$alter function guest.order_count() owner to test_owner;
        grant execute on function guest.order_count() to public$$,
        '{}'
    ),
    (
        'ZM13', 'the same where a tool names it',
        $$alter function guest.order_count() owner to test_owner;
        grant execute on function guest.order_count() to public;
        create function demo_api.named() returns bigint language sql stable security definer
        set search_path = pg_catalog, pg_temp as 'select guest.order_count()';
        alter function demo_api.named() owner to mcp_tools;
        revoke all on function demo_api.named() from public$$,
        array['ZM134 guest.order_count()']
    ),
    (
        'ZM13', 'a definer function of an owner whom row-level security binds',
        'grant execute on function guest.order_count() to mcp_sandbox',
        '{}'
    ),
    (
        'ZM13', 'a function that runs as who calls it',
        $$alter function guest.order_count() owner to test_strong;
        alter function guest.order_count() security invoker;
        grant execute on function guest.order_count() to public$$,
        '{}'
    ),
    (
        'ZM13', 'a definer function that tools may not execute',
        'alter function guest.order_count() owner to test_strong',
        '{}'
    ),
    (
        'ZM1[01]', 'a table without row-level security that tools read',
        'grant select on guest.countries to mcp_tools',
        array['ZM105 guest.countries']
    ),
    (
        'ZM1[01]', 'a policy that lets tools see every row',
        $$grant select on guest.orders to mcp_tools;
        create policy orders_all on guest.orders for select to public using (true)$$,
        array['ZM112 orders_all on guest.orders']
    ),
    (
        'ZM1[01]', 'a policy that was there and binds tools too',
        $$grant select on guest.orders to mcp_tools;
        create policy orders_all on guest.orders for select to public using (total < 5)$$,
        array['ZM114 orders_all on guest.orders']
    ),
    (
        'ZM1[01]', 'policies for the application alone',
        'grant select on guest.orders to mcp_tools',
        '{}'
    ),
    (
        'ZM1[01]', 'a table that no policy opens',
        'grant select on guest.orders to mcp_tools; drop policy orders_poor on guest.orders',
        array['ZM104 guest.orders']
    ),
    (
        'ZM3', 'comments of what tools reach are a note',
        'grant select on guest.countries to mcp_tools',
        array['ZM302 column guest.countries.name', 'ZM302 table or view guest.countries']
    ),
    (
        'ZM', 'a schema that is judged is so as a whole',
        $$insert into mcp_migrate.schema (schema, is_judged) values ('guest', true);
        revoke usage on schema guest from mcp_tools, mcp_sandbox;
        drop view guest.order_sum, guest.order_list; drop materialized view guest.totals;
        drop function guest.order_count(); drop table guest.orders, guest.years;
        comment on table guest.countries is 'Countries.'$$,
        array['ZM301 column guest.countries.name']
    )
) as c (numbers, description, changes, expected);

-- what these ask: whose roles are tools', what they reach, and which policies are checked
grant select on guest.order_list to mcp_tools;
insert into mcp_catalog.exposed_schemas (schema) values ('guest');
select is(
    array(select t.name::text from mcp_migrate.tool_roles as t order by t.name),
    array['mcp_sandbox', 'mcp_tools'],
    'tool_roles: the toolkit''s own; the owner of a function that is no tool is none'
);
delete from mcp_catalog.exposed_schemas where schema = 'guest';
select is(
    (
        select jsonb_object_agg(r.objid::regclass, r.is_direct)
        from mcp_migrate.reached() as r
        inner join pg_catalog.pg_class as c on r.objid = c.oid and r.classid = 'pg_class'::regclass
        where c.relnamespace = 'guest'::regnamespace
    ),
    '{"guest.order_list": true, "guest.orders": false}'::jsonb,
    'reached: a view by its grant, its table through it, and no other'
);
select is(
    (
        select jsonb_object_agg(p.polname, j.is_made)
        from mcp_migrate.judged_policies as j
        inner join pg_catalog.pg_policy as p on j.oid = p.oid
        where p.polrelid = 'guest.orders'::regclass
    ),
    '{"orders_poor": false}'::jsonb,
    'judged_policies: that of a table that tools reach, which no file of ours made'
);

select finish();
rollback;
