-- retail.stores: the stores in scope; no tool writes them.
begin;
set local search_path = tests, ext, public;
select plan(73);
select tests.load_fixture();

-- the stores in scope
select tests.policy_matrix(
    'retail.stores',
    $$
    select concat_ws(' ', right(s.store_id::text, 1), s.name) as line
    from retail.stores as s
    where starts_with(s.name, 'Test ')
    order by line
    $$,
    (
        select jsonb_object_agg(v.who, v.lines)
        from (
            values
            ('manager_a', array['a Test Store A']),
            ('manager_c', array['c Test Store C']),
            ('regional', array['a Test Store A', 'b Test Store B']),
            ('head', array['a Test Store A', 'b Test Store B', 'c Test Store C']),
            ('nobody', '{}')
        ) as v (who, lines)
    )
);

select finish();
rollback;
