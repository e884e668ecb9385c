-- api.list_stores: the stores of the caller's scope, by name.
begin;
set local search_path = tests, ext, public;
select plan(10);
select tests.load_fixture();

select is(
    tests.call('manager_a', 'list_stores'),
    jsonb_build_object(
        'rows', jsonb_build_array(
            jsonb_build_object(
                'store_id', tests.store('a'), 'name', 'Test Store A', 'location', 'Testville',
                'region', 'Test North', 'time_zone', 'America/Los_Angeles', 'is_online', false
            )
        ),
        'row_count', 1, 'truncated', false
    ),
    'manager_a: the own store, whole'
);
select is(
    tests.call('manager_c', 'list_stores') #> '{rows,0}',
    jsonb_build_object(
        'store_id', tests.store('c'), 'name', 'Test Store C', 'location', 'Testville',
        'region', 'Test South', 'time_zone', 'Asia/Tokyo', 'is_online', false
    ),
    'manager_c: the own store, with its region and time zone'
);
select
    is(
        jsonb_path_query_array(tests.call(c.who, 'list_stores'), '$.rows[*].name'),
        c.names::jsonb,
        format('%s: the stores by name', c.who)
    )
from (
    values
    ('manager_b', '["Test Store B"]'),
    ('regional', '["Test Store A", "Test Store B"]'),
    ('nobody', '[]')
) as c (who, names);
select is(
    jsonb_path_query_array(
        tests.call('head', 'list_stores'), '$.rows[*].name ? (@ starts with "Test Store ")'
    ),
    '["Test Store A", "Test Store B", "Test Store C"]',
    'head office: every store'
);
select is(
    (tests.call('head', 'list_stores') ->> 'row_count')::bigint,
    (select count(*) from retail.stores),
    'head office: as many as there are'
);

-- a store opened, and one given to another region, count from the next call on
insert into retail.stores
(store_id, name, location, time_zone, region_id, manager_id, is_online)
select
    tests.store('d'),
    'Test Store D',
    'Online',
    'UTC',
    s.region_id,
    s.manager_id,
    true
from retail.stores as s
where s.store_id = tests.store('c');
select is(
    jsonb_path_query_array(
        tests.call('head', 'list_stores'), '$.rows[*] ? (@.name == "Test Store D").is_online'
    ),
    '[true]',
    'head office: a store opened now'
);
update retail.stores set region_id = '00000000-0000-7000-8000-0000000000f1'
where store_id = tests.store('d');
select is(
    jsonb_path_query_array(tests.call('regional', 'list_stores'), '$.rows[*].name'),
    '["Test Store A", "Test Store B", "Test Store D"]',
    'regional: a store that came into the region'
);
select is(
    tests.refusal('manager_a', 'list_stores', '{"region": "Test South"}'),
    '{"code": "22023", "message": "unknown argument: region", "column": "region",
    "hint": "This tool takes no arguments.", "constraint": "a known argument"}',
    'it takes no arguments'
);

select finish();
rollback;
