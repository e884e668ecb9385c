-- A database that nobody made for zava-mcp: functions of every shape, procedures, views, a materialized
-- view, a partitioned table, mixed-case names, and rows that row-level security guards. The login
-- harbour_owner owns it, but for what it says otherwise.
set session authorization harbour_owner;

create schema "Port";
create type public.mood as enum ('calm', 'rough');

create table public.berths (
    berth_id integer primary key,
    name text not null unique,
    depth numeric not null,
    is_free boolean not null default true
);
create index on public.berths (depth);
comment on table public.berths is 'Where ships lie.

The port numbers them from the sea.
@deprecated is no tag of ours';
comment on column public.berths.berth_id is 'Number of the berth.';
insert into public.berths values
(1, 'North', 12.5, true), (2, 'East', 9, false), (3, 'South', 7.25, true), (4, 'West', 15, true);

create table "Port"."Ship" (
    "ShipId" text primary key,
    "Flag" text not null,
    "homeTown" text,
    "arrivedAt" timestamptz not null,
    "apiToken" text
);
create index on "Port"."Ship" ("Flag");
create index on "Port"."Ship" ("arrivedAt");
insert into "Port"."Ship" values
('ada', 'NO', 'Bergen', '2026-01-01 08:00+00', 's1'),
('bea', 'SE', null, '2026-01-02 08:00+00', 's2'),
('cid', 'NO', 'Oslo', '2026-01-03 08:00+00', 's3');

create table public.visits (
    day date not null,
    visit_id bigint generated always as identity,
    ship_id text not null,
    fee numeric(10, 2) not null,
    primary key (day, visit_id)
) partition by range (day);
create table public.visits_january partition of public.visits
for values from ('2026-01-01') to ('2026-02-01');
create table public.visits_february partition of public.visits
for values from ('2026-02-01') to ('2026-03-01');
insert into public.visits (day, ship_id, fee) values
('2026-01-05', 'ada', 100), ('2026-01-06', 'bea', 80.5), ('2026-02-01', 'ada', 120);

create table public.moves (
    move_id serial primary key,
    berth_id integer not null references public.berths,
    said text not null
);

create table public.beacons ();

-- rows that are deleted by a time
create table public.pilots (
    pilot_id integer primary key, left_at date, deleted_at timestamptz, "archivedAt" date not null
);
create index on public.pilots (left_at);
insert into public.pilots values
(1, null, null, '2026-01-01'), (2, '2026-02-01', null, '2026-01-01'),
(3, '2026-02-01', '2026-03-01 00:00+00', '2026-01-01');

-- keys that are no plain words
create table "Port"."Kunde" ("Kunden-Nr" integer, "Ort's Name" text, n integer not null,
    primary key ("Ort's Name", "Kunden-Nr"));
insert into "Port"."Kunde" values (2, 'Kiel', 20), (1, 'Kiel', 10), (1, 'Bremen', 30);

-- names of columns as long as PostgreSQL has them, of which two begin alike
create table public.logs (
    log_id integer primary key,
    date_on_which_the_harbour_master_signed_the_logs_of_this_ship_1 date not null,
    date_on_which_the_harbour_master_signed_the_logs_of_this_ship_2 date not null,
    number_of_the_page_in_the_book_of_the_harbour_master_in_units text not null
);
create index on public.logs (date_on_which_the_harbour_master_signed_the_logs_of_this_ship_1);
create index on public.logs (date_on_which_the_harbour_master_signed_the_logs_of_this_ship_2);
create index on public.logs (number_of_the_page_in_the_book_of_the_harbour_master_in_units);
insert into public.logs values
(1, '2026-01-01', '2026-01-05', 'i'), (2, '2026-01-02', '2026-01-04', 'ii');

-- types of a schema of their own, in columns with an index and without one
create schema kinds;
create type kinds.mood as enum ('calm', 'rough');
create domain kinds.height as numeric check (value > -100);
create table public.tides (
    mood kinds.mood primary key, height kinds.height not null, heights kinds.height [] not null
);
insert into public.tides values ('calm', 1.5, '{1, 2}'), ('rough', 4, '{}');
create schema sizes;
create domain sizes.width as numeric;
create type sizes.grade as enum ('a', 'b');
create table public.tops (top_id integer primary key, top sizes.width not null, grade sizes.grade);
insert into public.tops values (1, 9, 'a');
create function public.tide_of(mood kinds.mood) returns kinds.height
language sql stable
as 'select t.height from public.tides as t where t.mood = tide_of.mood';

create table public.ledger (tenant text not null, entry_id integer primary key, amount numeric not null);
insert into public.ledger values ('x', 1, 10), ('y', 2, 20);
alter table public.ledger enable row level security;
create policy ledger_all on public.ledger to public
using (tenant = current_setting('app.tenant', true));

-- functions ----------------------------------------------------------------------------------------
create function public.add_fee(fee numeric, extra numeric default 2.5) returns numeric
language sql immutable
as 'select fee + extra';
comment on function public.add_fee(numeric, numeric) is 'Add what a night costs.';

create function public.depth_range(out shallowest numeric, out deepest numeric)
language plpgsql stable
as $$
begin
    select min(depth), max(depth) into shallowest, deepest from berths;
end
$$;

create function public.berth_names() returns setof text
language sql stable
as 'select name from berths order by berth_id';

create function public.free_berths(min_depth numeric) returns table (berth_id integer, depth numeric)
language plpgsql stable
as $$
begin
    return query select b.berth_id, b.depth from berths as b
    where b.is_free and b.depth >= min_depth order by b.berth_id;
end
$$;

create function "Port"."findShip"("ShipId" text) returns "Port"."Ship"
language sql stable
as $$ select * from "Port"."Ship" as s where s."ShipId" = "findShip"."ShipId" $$;

create function "Port".all_ships() returns setof "Port"."Ship"
language sql stable
begin atomic
    select s.* from "Port"."Ship" as s order by s."ShipId";
end;

create function public.total(variadic numbers integer[]) returns bigint
language sql immutable
as 'select sum(n) from unnest(numbers) as n';

create function public.first_of(items anyarray) returns anyelement
language sql immutable
as 'select items[1]';

create function public.describe(berth integer) returns text
language sql stable
as 'select name from berths where berth_id = berth';
create function public.describe(weather public.mood) returns text
language sql stable
as $$ select 'The sea is ' || weather::text $$;

create function public.twice(integer, integer default 3) returns integer
language sql immutable
as 'select $1 * $2';

create function public.swap(inout a integer, inout b integer)
language sql immutable
as 'select b, a';

create function public.move_to(berth integer, said text) returns void
language plpgsql
as $$
begin
    insert into moves (berth_id, said) values (berth, said);
    update berths set is_free = false where berth_id = berth;
end
$$;

create function public.private_depth() returns numeric
language sql stable
as 'select max(depth) from berths';
revoke all on function public.private_depth() from public;

-- types of which expose must choose a value
create type public.box as (width integer, note text);
create domain public.port_code as text check (value ~ '^[A-Z]{5}$');
create function public.parcel(box public.box, days daterange, host inet, raw bytea, price money)
returns text language sql immutable
as $$ select concat_ws(' ', box.width, isempty(days), host(host), length(raw), price::numeric) $$;
create function public.port_of(code public.port_code) returns text language sql immutable
as 'select code::text';

-- overloads that a call without names does not tell apart
create function public.weigh(text default 'x') returns text
language sql immutable as $$ select 'text ' || $1 $$;
create function public.weigh("B" integer) returns text
language sql immutable as $$ select 'one ' || "B" $$;
create function public.weigh(integer, more text default 'q') returns text
language sql immutable as $$ select $1 || ' and ' || more $$;

-- a table and a function of one name
create table public.gulls (gull_id integer primary key);
insert into public.gulls values (7);
create function public.gulls(integer) returns integer language sql immutable as 'select $1 + 1';

create procedure public.dock(ship text, inout fee numeric, out berth text)
language plpgsql
as $$
begin
    select b.name into berth from berths as b where b.is_free order by b.berth_id limit 1;
    update berths set is_free = false where name = berth;
    fee := fee * 2;
end
$$;
create procedure public.clear_moves()
language sql
as 'delete from moves';

-- what cannot be a tool ----------------------------------------------------------------------------
create procedure public.purge() language plpgsql as 'begin delete from moves; commit; end';
create function public.on_move() returns trigger language plpgsql as 'begin return new; end';
create function public.loose() returns record language sql as 'select 1, 2';
create function public.cursor_of() returns refcursor language plpgsql as $$ declare c refcursor; begin return c; end $$;
create aggregate public.product(integer) (sfunc = int4mul, stype = integer);

-- views --------------------------------------------------------------------------------------------
create view public.ship_flags as
select s."Flag" as flag, count(*) as ships from "Port"."Ship" as s group by s."Flag";
create view public.deep_berths as
select b.berth_id, b.name, public.describe(b.berth_id) as said from public.berths as b where b.depth > 8;
create materialized view public.fees as
select v.ship_id, sum(v.fee) as fee from public.visits as v group by v.ship_id;
create unique index on public.fees (ship_id);
create view public.own_ledger with (security_invoker = true) as
select l.entry_id, l.amount from public.ledger as l;

-- what goes around row-level security --------------------------------------------------------------
create view public.owner_ledger as select l.* from public.ledger as l;
create materialized view public.ledger_sums as
select l.tenant, sum(l.amount) as amount from public.ledger as l group by l.tenant;
create function public.owner_total() returns numeric
language sql stable security definer
as 'select sum(amount) from ledger';
create function public.indirect() returns setof numeric
language sql stable
as 'select amount from owner_ledger order by amount';
reset session authorization;

create view public.admin_ledger as select l.* from public.ledger as l;
create view public.nested_ledger with (security_invoker = true) as
select a.amount from public.admin_ledger as a;
create function public.admin_total() returns numeric
language plpgsql stable security definer
as $$ begin return (select sum(amount) from public.ledger); end $$;
create function public.admin_query() returns bigint
language plpgsql stable security definer
as $$ declare n bigint; begin execute 'select count(*) from public.' || 'ledger' into n; return n; end $$;
