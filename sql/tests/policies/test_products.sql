-- retail.products: every identified caller reads the catalogue, no tool writes it.
begin;
set local search_path = tests, ext, public;
select plan(73);
select tests.load_fixture();

-- everybody who is identified sees the same; a caller of no store too
select tests.policy_matrix(
    'retail.products',
    $$
    select concat_ws(' ', p.sku, p.base_price, p.name || ':', p.description) as line
    from retail.products as p
    where starts_with(p.sku, 'TEST-')
    order by line
    $$,
    (
        select jsonb_object_agg(v.who, v.lines)
        from (
            values
            (
                'manager_a',
                array[
                    'TEST-HAMMER 10.00 Test Quuxhammer: Drives quuxnails.',
                    'TEST-PAINT 25.50 Test Quuxpaint: Covers quuxwalls.'
                ]
            ),
            (
                'manager_c',
                array[
                    'TEST-HAMMER 10.00 Test Quuxhammer: Drives quuxnails.',
                    'TEST-PAINT 25.50 Test Quuxpaint: Covers quuxwalls.'
                ]
            ),
            (
                'regional',
                array[
                    'TEST-HAMMER 10.00 Test Quuxhammer: Drives quuxnails.',
                    'TEST-PAINT 25.50 Test Quuxpaint: Covers quuxwalls.'
                ]
            ),
            (
                'head',
                array[
                    'TEST-HAMMER 10.00 Test Quuxhammer: Drives quuxnails.',
                    'TEST-PAINT 25.50 Test Quuxpaint: Covers quuxwalls.'
                ]
            ),
            (
                'nobody',
                array[
                    'TEST-HAMMER 10.00 Test Quuxhammer: Drives quuxnails.',
                    'TEST-PAINT 25.50 Test Quuxpaint: Covers quuxwalls.'
                ]
            )
        ) as v (who, lines)
    )
);

select finish();
rollback;
