-- Databases of others, in the shapes that hurt. %(owner)s owns them, %(app)s works with them.
create schema auth;
create schema api;
create schema storage;
create schema extensions;
create extension pg_trgm schema extensions;
create extension vector schema public;
grant usage on schema auth, api, storage to public;

-- quoted mixed-case names and text keys
create table public."User" (
    id text primary key,
    "emailAddress" text not null unique,
    "createdAt" timestamptz not null default now()
);
comment on column public."User"."emailAddress" is 'Where the bills go.';
create table public."Album" (
    id text primary key,
    "ownerId" text not null references public."User",
    title text not null
);
alter table public."Album" enable row level security;
create policy "own albums" on public."Album" using (true);

-- bigint tenants, partitions, a trigger, views, a materialised view, functions
create table public.account (
    account_id bigint generated always as identity primary key,
    name text not null,
    embedding vector(3)
);
create table public.payment (
    account_id bigint not null references public.account,
    paid_on date not null,
    amount numeric(12, 2) not null,
    payment_id bigserial,
    primary key (account_id, paid_on, payment_id)
) partition by range (paid_on);
create table public.payment_2025 partition of public.payment
for values from ('2025-01-01') to ('2026-01-01');
create table public.payment_2026 partition of public.payment
for values from ('2026-01-01') to ('2027-01-01');
create table public.audit (audit_id bigserial primary key, what text not null);
create function public.note_payment() returns trigger language plpgsql as $$
begin
    insert into public.audit (what) values (new.amount::text);
    return new;
end
$$;
create trigger note_payment after insert on public.payment
for each row execute function public.note_payment();
create view public.balance as
select p.account_id, sum(p.amount) as amount from public.payment as p group by p.account_id;
create materialized view public.monthly as
select date_trunc('month', p.paid_on) as month, sum(p.amount) as amount
from public.payment as p group by 1;
create function public.pay(account bigint, amount numeric) returns numeric language sql as $$
insert into public.payment (account_id, paid_on, amount) values (pay.account, '2026-03-04', pay.amount);
select b.amount from public.balance as b where b.account_id = pay.account;
$$;
create function api.hello() returns text language sql immutable return 'hello';
create function auth.uid() returns text language sql stable
return current_setting('request.jwt.claim.sub', true);
create table storage.objects (name text primary key, size bigint not null default 0);

insert into public."User" (id, "emailAddress") values ('ckx1', 'ada@example.com');
insert into public."Album" values ('al1', 'ckx1', 'Notes');
insert into public.account (name) select format('account %%s', n) from generate_series(1, 5) as n;
insert into public.payment (account_id, paid_on, amount)
select n, date '2025-06-01', n * 10 from generate_series(1, 5) as n;

grant select, insert, update on all tables in schema public, storage to %(app)s;
grant usage on all sequences in schema public to %(app)s;
revoke execute on function public.pay(bigint, numeric) from public;
grant execute on function public.pay(bigint, numeric) to %(app)s;
alter default privileges in schema public grant select on tables to %(app)s;
alter role %(app)s in database %(database)s set statement_timeout = '30s';
