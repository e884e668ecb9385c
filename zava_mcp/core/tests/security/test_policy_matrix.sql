-- tests.policy_matrix: both sides of a table that no tool writes, from who sees which rows.
begin;
set local search_path = tests, ext, public;
select plan(64);
select tests.load_fixture();

select tests.policy_matrix(
    'demo.kinds',
    'select concat_ws('' '', k.kind_id, k.name) as line from demo.kinds as k order by line',
    (
        select jsonb_object_agg(v.who, array['1 Letter', '2 Invoice'])
        from (values ('member_a'), ('member_b'), ('admin'), ('nobody')) as v (who)
    )
);

select is(
    (select count(*) from tests.forged('member_a')),
    9::bigint,
    'nine contexts, each forged in one thing'
);

select finish();
rollback;
