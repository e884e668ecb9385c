-- retail.product_costs: head office alone reads costs; no tool writes them.
begin;
set local search_path = tests, ext, public;
select plan(63);
select tests.load_fixture();

-- head office alone
select tests.policy_matrix(
    'retail.product_costs',
    $$
    select concat_ws(' ', p.sku, c.cost) as line
    from retail.product_costs as c
    inner join retail.products as p on c.product_id = p.product_id
    where starts_with(p.sku, 'TEST-')
    order by line
    $$,
    (
        select jsonb_object_agg(v.who, v.lines)
        from (
            values
            ('head', array['TEST-HAMMER 6.00', 'TEST-PAINT 15.00']),
            ('manager_a', '{}'),
            ('regional', '{}'),
            ('nobody', '{}')
        ) as v (who, lines)
    )
);

select finish();
rollback;
