-- retail.product_types: every identified caller reads the types, no tool writes them.
begin;
set local search_path = tests, ext, public;
select plan(73);
select tests.load_fixture();

-- everybody who is identified sees the same; a caller of no store too
select tests.policy_matrix(
    'retail.product_types',
    $$
    select concat(t.name, ' in ', right(t.category_id::text, 2)) as line
    from retail.product_types as t
    where starts_with(t.name, 'Test ')
    order by line
    $$,
    (
        select jsonb_object_agg(v.who, v.lines)
        from (
            values
            ('manager_a', array['Test Hammers in c1', 'Test Wall Paints in c2']),
            ('manager_c', array['Test Hammers in c1', 'Test Wall Paints in c2']),
            ('regional', array['Test Hammers in c1', 'Test Wall Paints in c2']),
            ('head', array['Test Hammers in c1', 'Test Wall Paints in c2']),
            ('nobody', array['Test Hammers in c1', 'Test Wall Paints in c2'])
        ) as v (who, lines)
    )
);

select finish();
rollback;
