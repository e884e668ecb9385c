-- retail.regions: a caller sees a region when they see one of its stores; no tool writes it.
begin;
set local search_path = tests, ext, public;
select plan(73);
select tests.load_fixture();

-- the regions of the stores in scope
select tests.policy_matrix(
    'retail.regions',
    $$
    select r.name::text as line
    from retail.regions as r
    where starts_with(r.name, 'Test ')
    order by line
    $$,
    (
        select jsonb_object_agg(v.who, v.lines)
        from (
            values
            ('manager_a', array['Test North']),
            ('manager_c', array['Test South']),
            ('regional', array['Test North']),
            ('head', array['Test North', 'Test South']),
            ('nobody', '{}')
        ) as v (who, lines)
    )
);

select finish();
rollback;
