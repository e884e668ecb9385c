-- What the tests share, made once before them: a caller for each tenant. tests.add_caller makes the
-- user and an API key; tests.call(name, tool, arguments) calls a tool as that user.
select tests.add_caller(
    'north', 'NAME_members', array['00000000-0000-7000-8000-00000000000a']
);
select tests.add_caller(
    'south', 'NAME_members', array['00000000-0000-7000-8000-00000000000b']
);
select tests.add_caller('nobody', 'NAME_members', '{}');

insert into NAME.notes (tenant_id, body, created_at) values
('00000000-0000-7000-8000-00000000000a', 'Order paint', '2026-03-01 09:00+00'),
('00000000-0000-7000-8000-00000000000b', 'Call the plumber', '2026-03-01 10:00+00'),
('00000000-0000-7000-8000-00000000000a', 'Count the drills', '2026-03-01 11:00+00');
