-- retail.scope_of, get_user_store_list and get_current_user_store: whose stores.
begin;
set local search_path = tests, ext, public;
select plan(38);
select tests.load_fixture();

-- scope_of, on the fixture's stores
create function pg_temp.scope_of(audience name, variadic granted text [])
returns text
language sql
return (
    select coalesce(string_agg(right(s.id::text, 1), '' order by s.id), '')
    from unnest(retail.scope_of(scope_of.audience, scope_of.granted)) as s (id)
    where s.id::text like '00000000-0000-7000-8000-00000000000_'
);
select
    is(
        pg_temp.scope_of(c.audience::name, variadic c.granted::text []),
        c.stores,
        format('%s with %s: stores "%s"', c.audience, c.what, c.stores)
    )
from (
    values
    ('store_managers', 'store a', array[tests.store('a')], 'a'),
    ('store_managers', 'stores b and a', array[tests.store('b'), tests.store('a')], 'ab'),
    ('store_managers', 'store a twice', array[tests.store('a'), tests.store('a')], 'a'),
    ('store_managers', 'nothing', '{}', ''),
    ('store_managers', 'a store that does not exist', array[tests.store('f')], ''),
    ('store_managers', 'a region', '{00000000-0000-7000-8000-0000000000f1}', ''),
    ('regional_managers', 'region North', '{00000000-0000-7000-8000-0000000000f1}', 'ab'),
    ('regional_managers', 'region South', '{00000000-0000-7000-8000-0000000000f2}', 'c'),
    (
        'regional_managers', 'both regions',
        '{00000000-0000-7000-8000-0000000000f2,00000000-0000-7000-8000-0000000000f1}', 'abc'
    ),
    ('regional_managers', 'a store', array[tests.store('a')], ''),
    ('regional_managers', 'nothing', '{}', ''),
    ('head_office', 'nothing', '{}', 'abc'),
    ('head_office', 'one store', array[tests.store('a')], 'abc'),
    ('auditors', 'store a', array[tests.store('a')], '')
) as c (audience, what, granted, stores);
select is(retail.scope_of(null, '{}'), '{}'::text [], 'no audience, no store');
select is(retail.scope_of('store_managers', null), '{}'::text [], 'no grant, no store');
select is(
    cardinality(retail.scope_of('head_office', '{}')),
    (select count(*) from retail.stores)::integer,
    'head office: each store once'
);

-- a store opened now, moved and closed
insert into retail.stores (store_id, name, location, time_zone, region_id, manager_id)
select
    tests.store('d'),
    'Test Store D',
    'Testville',
    'UTC',
    s.region_id,
    s.manager_id
from retail.stores as s
where s.store_id = tests.store('a');
select is(
    pg_temp.scope_of('head_office', variadic '{}'),
    'abcd',
    'head office: a store opened now'
);
select is(
    pg_temp.scope_of('regional_managers', '00000000-0000-7000-8000-0000000000f1'),
    'abd',
    'the region too'
);
update retail.stores set region_id = '00000000-0000-7000-8000-0000000000f2'
where store_id = tests.store('d');
select is(
    pg_temp.scope_of('regional_managers', '00000000-0000-7000-8000-0000000000f1'),
    'ab',
    'moved, it is the other region''s'
);
delete from retail.stores
where store_id = tests.store('d');
select is(
    pg_temp.scope_of('head_office', variadic '{}'),
    'abc',
    'closed, it is nobody''s'
);

-- what a caller's context says
select is(retail.get_user_store_list(), null, 'no caller, no list');
select is(retail.get_current_user_store(), null, 'no caller, no store');
create function pg_temp.ask(who text)
returns text
language plpgsql
as $$
declare
    v_answer text;
begin
    perform mcp_auth.begin_request(tests.credential(who));
    select concat_ws(
        ' / ',
        (
            select coalesce(string_agg(right(s.id::text, 1), '' order by s.id), 'none')
            from unnest(retail.get_user_store_list()) as s (id)
            where s.id::text like '00000000-0000-7000-8000-00000000000_'
        ),
        coalesce(right(retail.get_current_user_store()::text, 1), 'none')
    ) into v_answer;
    perform mcp_auth.clear_context();
    return v_answer;
end
$$;
select
    is(
        pg_temp.ask(c.who),
        c.answer,
        format('%s: stores / own store %s', c.who, c.answer)
    )
from (
    values
    ('manager_a', 'a / a'),
    ('manager_c', 'c / c'),
    ('regional', 'ab / none'),
    ('head', 'abc / none'),
    ('nobody', 'none / none')
) as c (who, answer);
insert into tests.credentials (who, credential)
select
    'two_stores',
    mcp_auth.create_api_key(
        mcp_auth.add_user(
            'Test two', 'store_managers', array[tests.store('a')::text, tests.store('b')::text]
        )
    );
insert into tests.credentials (who, credential)
select
    'one_region',
    mcp_auth.create_api_key(
        mcp_auth.add_user(
            'Test one', 'regional_managers', array['00000000-0000-7000-8000-0000000000f2']
        )
    );
select is(pg_temp.ask('two_stores'), 'ab / none', 'the manager of two stores has no own one');
select is(
    pg_temp.ask('one_region'),
    'c / none',
    'a region of one store does not make a store manager'
);

-- the policies may ask, clients may not
select
    is(
        has_function_privilege(r.role, f.function, 'execute'),
        r.expected,
        format('%s may execute %s: %s', r.role, f.function, r.expected)
    )
from
    unnest(
        array['retail.get_user_store_list()', 'retail.get_current_user_store()']
    ) as f (function)
cross join (
    values ('mcp_tools', true), ('mcp_sandbox', true), ('zava_mcp', false)
) as r (role, expected);
select volatility_is('retail', 'get_user_store_list', array[]::text [], 'stable');
select volatility_is('retail', 'get_current_user_store', array[]::text [], 'stable');

select finish();
rollback;
