-- retail.category_seasonality: every identified caller reads the weights, no tool writes them.
begin;
set local search_path = tests, ext, public;
select plan(73);
select tests.load_fixture();

-- everybody who is identified sees the same; a caller of no store too
select tests.policy_matrix(
    'retail.category_seasonality',
    $$
    select concat('month ', s.month, ': ', s.weight) as line
    from retail.category_seasonality as s
    where s.category_id = '00000000-0000-7000-8000-0000000000c1'
    $$,
    (
        select jsonb_object_agg(v.who, v.lines)
        from (
            values
            ('manager_a', array['month 1: 1.25']),
            ('manager_c', array['month 1: 1.25']),
            ('regional', array['month 1: 1.25']),
            ('head', array['month 1: 1.25']),
            ('nobody', array['month 1: 1.25'])
        ) as v (who, lines)
    )
);

select finish();
rollback;
