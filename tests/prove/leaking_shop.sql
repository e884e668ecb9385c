-- A small application of two tenants that leaks nothing: what the seeded leaks of leaks.py are added to.
select mcp_auth.add_server_login('shop_server');
select mcp_auth.add_audience('shop_staff', 'Staff of a tenant.');
create schema shop;
create schema shop_api;
grant usage on schema shop to mcp_tools, mcp_sandbox, mcp_core;
grant usage on schema shop_api to mcp_core, mcp_tools;
select mcp_catalog.expose_schema('shop_api');

create table shop.members (
    tenant_id uuid not null,
    member_id uuid not null default gen_random_uuid(),
    name text not null,
    credit integer not null,
    primary key (tenant_id, member_id)
);
create table shop.orders (
    tenant_id uuid not null,
    order_id bigint generated always as identity,
    name text not null,
    credit integer not null,
    placed_on date not null default '2026-01-01',
    primary key (tenant_id, order_id)
);
create table shop.assets (
    tenant_id uuid not null,
    asset_id uuid not null default gen_random_uuid(),
    name varchar(40) not null,
    credit integer not null check (credit > 0),
    details jsonb not null default '{}',
    primary key (tenant_id, asset_id)
);
create table shop.kinds (kind_id integer primary key, name text not null);
insert into shop.kinds values (1, 'one'), (2, 'two');
insert into shop.members (tenant_id, name, credit)
select ('00000000-0000-7000-8000-00000000000' || t)::uuid, 'member ' || t || n, n * 10
from unnest(array['a', 'b']) as t, generate_series(1, 4) as n;
insert into shop.orders (tenant_id, name, credit)
select ('00000000-0000-7000-8000-00000000000' || t)::uuid, 'order ' || t || n, n * 10
from unnest(array['a', 'b']) as t, generate_series(1, 4) as n;
insert into shop.assets (tenant_id, name, credit)
select ('00000000-0000-7000-8000-00000000000' || t)::uuid, 'asset ' || t || n, n * 10
from unnest(array['a', 'b']) as t, generate_series(1, 4) as n;

do $$
declare
    v_table text;
begin
    foreach v_table in array array['members', 'orders', 'assets'] loop
        execute format(
            $sql$
            alter table shop.%1$I enable row level security;
            alter table shop.%1$I force row level security;
            create policy %1$s_all on shop.%1$I to mcp_tools, mcp_sandbox
            using (tenant_id = any((select mcp_auth.scope_uuid())::uuid[]))
            with check (tenant_id = any((select mcp_auth.scope_uuid())::uuid[]));
            grant select, insert, update, delete on shop.%1$I to mcp_tools;
            grant select (tenant_id, name, credit) on shop.%1$I to mcp_sandbox;
            $sql$, v_table
        );
    end loop;
end
$$;
grant select on shop.kinds to mcp_tools;
grant select (kind_id, name) on shop.kinds to mcp_sandbox;

-- offer a function to the staff, as what its comment says
create procedure shop.offer(function regproc, comment text default 'A test.')
language plpgsql
as $$
begin
    grant create on schema shop_api to mcp_tools;
    execute format('comment on function %s is %L', function::oid::regprocedure, comment);
    execute format('alter function %s owner to mcp_tools', function::oid::regprocedure);
    execute format('revoke all on function %s from public', function::oid::regprocedure);
    execute format('grant execute on function %s to mcp_core, shop_staff', function::oid::regprocedure);
    revoke create on schema shop_api from mcp_tools;
end
$$;

create function shop_api.list_members(page_size mcp_tool.page_size default 2, cursor mcp_tool.cursor default null)
returns table (name text, member_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select m.name, m.member_id from shop.members as m
    where list_members.cursor is null
        or (m.name, m.member_id) > (list_members.cursor ->> 'name', (list_members.cursor ->> 'member_id')::uuid)
    order by m.name, m.member_id limit list_members.page_size + 1;
end;
call shop.offer('shop_api.list_members', e'Members.\n\n@param page_size  Rows.\n@param cursor  Where to go on.\n@tool page_key=name,member_id');

create function shop_api.add_member(member_id uuid, name text)
returns table (new_id uuid, added_at timestamptz)
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
    insert into shop.members (tenant_id, member_id, name, credit)
    select (mcp_auth.scope_uuid())[1], add_member.member_id, add_member.name, 1
    returning gen_random_uuid(), clock_timestamp();
end;
call shop.offer('shop_api.add_member', e'Add a member.\n\n@param member_id  Key.\n@param name  Name.');

create function shop_api.find_member(member_id uuid)
returns table (name text, credit integer)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select m.name, m.credit from shop.members as m where m.member_id = find_member.member_id;
end;
call shop.offer('shop_api.find_member', e'Find a member.\n\n@param member_id  Key.');

create function shop_api.top_orders(min_credit integer default 0)
returns table (name text, credit integer)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select o.name, o.credit from shop.orders as o where o.credit >= top_orders.min_credit order by o.credit desc, o.name;
end;
call shop.offer('shop_api.top_orders', e'Orders.\n\n@param min_credit  At least.');

create function shop_api.member_card(member_id uuid)
returns text
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select m.name from shop.members as m where m.member_id = member_card.member_id;
end;
call shop.offer('shop_api.member_card', e'A card.\n\n@param member_id  Key.\n@resource uri="shop://members/{member_id}" mime="text/plain"');

create function shop_api.review(name text default null)
returns setof mcp_tool.prompt_message
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select m.* from mcp_tool.message('user', mcp_tool.text('Review ' || coalesce(review.name, 'all'))) as m;
end;
call shop.offer('shop_api.review', e'Review.\n\n@param name  Of whom.\n@prompt');

create function shop_api.complete_name()
returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select m.name from shop.members as m order by m.name;
end;
call shop.offer('shop_api.complete_name', e'Names.\n\n@completes review.name');
select mcp_catalog.refresh_catalog();
