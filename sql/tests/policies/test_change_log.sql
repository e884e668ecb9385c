-- retail.change_log: the changes in the stores in scope, those of customers for the manager of the
-- store alone; triggers write it and nobody changes it.
begin;
set local search_path = tests, ext, public;
select plan(86);
select tests.load_fixture();

-- store, table, operation, how many
select tests.policy_matrix(
    'retail.change_log',
    $$
    select
        concat_ws(
            ' ', right(l.store_id::text, 1), l.table_name, l.operation, count(*)
        ) collate "default" as line
    from retail.change_log as l
    where l.store_id in (
        '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
        '00000000-0000-7000-8000-00000000000c'
    )
    group by l.store_id, l.table_name, l.operation
    order by line
    $$,
    '{
        "manager_a": [
            "a customers insert 1",
            "a inventory insert 2",
            "a order_items insert 3",
            "a orders insert 2",
            "a orders update 2"
        ],
        "manager_b": [
            "b customers insert 1",
            "b inventory insert 1",
            "b order_items insert 1",
            "b orders insert 1",
            "b orders update 1"
        ],
        "manager_c": [
            "c customers insert 1",
            "c inventory insert 1",
            "c order_items insert 1",
            "c orders insert 1",
            "c orders update 1"
        ],
        "regional": [
            "a inventory insert 2",
            "a order_items insert 3",
            "a orders insert 2",
            "a orders update 2",
            "b inventory insert 1",
            "b order_items insert 1",
            "b orders insert 1",
            "b orders update 1"
        ],
        "head": [
            "a inventory insert 2",
            "a order_items insert 3",
            "a orders insert 2",
            "a orders update 2",
            "b inventory insert 1",
            "b order_items insert 1",
            "b orders insert 1",
            "b orders update 1",
            "c inventory insert 1",
            "c order_items insert 1",
            "c orders insert 1",
            "c orders update 1"
        ],
        "nobody": []
    }'
);

select
    results_eq(
        tests.reads(
            c.who,
            $$
            select l.new_row ->> 'email' as line
            from retail.change_log as l
            where l.table_name = 'customers'
            $$
        ),
        array['customer@test.example'],
        format('%s sees the row of the store''s one customer', c.who)
    )
from unnest(array['manager_a', 'manager_b', 'manager_c']) as c (who);

select finish();
rollback;
