-- Demo data for development: two tenants with two notes each, and a user for either.
create schema NAME_demo;
comment on schema NAME_demo is 'Demo data; not in production.';

insert into NAME.notes (tenant_id, body) values
('00000000-0000-7000-8000-00000000000a', 'North: order paint'),
('00000000-0000-7000-8000-00000000000a', 'North: count the drills'),
('00000000-0000-7000-8000-00000000000b', 'South: call the plumber'),
('00000000-0000-7000-8000-00000000000b', 'South: renew the lease');

select mcp_auth.add_user(
    'Demo north',
    'NAME_members',
    array['00000000-0000-7000-8000-00000000000a']
);
select mcp_auth.add_user(
    'Demo south',
    'NAME_members',
    array['00000000-0000-7000-8000-00000000000b']
);
