-- retail.categories: every identified caller reads the categories, no tool writes them.
begin;
set local search_path = tests, ext, public;
select plan(73);
select tests.load_fixture();

-- everybody who is identified sees the same; a caller of no store too
select tests.policy_matrix(
    'retail.categories',
    $$
    select concat(c.name, ': ', c.description) as line
    from retail.categories as c
    where starts_with(c.name, 'Test ')
    order by line
    $$,
    (
        select jsonb_object_agg(v.who, v.lines)
        from (
            values
            ('manager_a', array['Test Paints: Paints.', 'Test Tools: Tools.']),
            ('manager_c', array['Test Paints: Paints.', 'Test Tools: Tools.']),
            ('regional', array['Test Paints: Paints.', 'Test Tools: Tools.']),
            ('head', array['Test Paints: Paints.', 'Test Tools: Tools.']),
            ('nobody', array['Test Paints: Paints.', 'Test Tools: Tools.'])
        ) as v (who, lines)
    )
);

select finish();
rollback;
