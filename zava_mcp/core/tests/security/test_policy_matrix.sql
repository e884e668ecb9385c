-- tests.policy_matrix: both sides of a table, from who sees which rows; tests.write_matrix for one
-- that tools write, and tests.outcome.
begin;
set local search_path = tests, ext, public;
select plan(169);
select tests.load_fixture();

select tests.policy_matrix(
    'demo.kinds',
    'select concat_ws('' '', k.kind_id, k.name) as line from demo.kinds as k order by line',
    (
        select jsonb_object_agg(v.who, array['1 Letter', '2 Invoice'])
        from (values ('member_a'), ('member_b'), ('admin'), ('nobody')) as v (who)
    )
);

select tests.policy_matrix(
    'demo.items',
    $$
    select concat_ws(' ', right(i.note_id::text, 2), i.line_number, i.quantity) as line
    from demo.items as i
    order by line
    $$,
    '{
        "member_a": ["a1 1 2", "a1 2 1", "a2 1 1"], "member_b": ["b1 1 3"],
        "admin": ["a1 1 2", "a1 2 1", "a2 1 1", "b1 1 3"], "nobody": []
    }',
    '{
        "rows": {
            "member_a": ["a1 1 2", "a1 2 1", "a2 1 1"], "member_b": ["b1 1 3"],
            "admin": ["a1 1 2", "a1 2 1", "a2 1 1", "b1 1 3"]
        },
        "update": "quantity = 99",
        "tenant": "tenant_id",
        "columns": "tenant_id, note_id, line_number, quantity, price",
        "samples": {
            "00000000-0000-7000-8000-00000000000a":
            "''00000000-0000-7000-8000-00000000000a'', ''00000000-0000-7000-8000-0000000000a1'', 9, 1, 1",
            "00000000-0000-7000-8000-00000000000b":
            "''00000000-0000-7000-8000-00000000000b'', ''00000000-0000-7000-8000-0000000000b1'', 9, 1, 1"
        },
        "tenants": {
            "member_a": ["00000000-0000-7000-8000-00000000000a"],
            "member_b": ["00000000-0000-7000-8000-00000000000b"],
            "admin": ["00000000-0000-7000-8000-00000000000a", "00000000-0000-7000-8000-00000000000b"]
        }
    }'
);

-- each policy that is too wide is told
create function pg_temp.widened(statement text)
returns bigint
language plpgsql
as $$
declare
    v_count bigint;
begin
    execute statement;
    select count(*) into v_count
    from (
        values
        (tests.outcome('member_a', 'update demo.items set quantity = 9', 'select quantity::text as line from demo.items')),
        (tests.outcome('member_a', 'delete from demo.items', 'select quantity::text as line from demo.items'))
    ) as v (outcome)
    where v.outcome ->> 'count' = '3';
    raise sqlstate 'ZZ002';
exception
    when sqlstate 'ZZ002' then return v_count;
end
$$;
select is(pg_temp.widened('select'), 2::bigint, 'member_a changes three rows');
select is(
    pg_temp.widened('alter policy items_update on demo.items using (true) with check (true)'),
    1::bigint, 'and another number where the policy for updates is too wide'
);
select is(
    pg_temp.widened('alter policy items_delete on demo.items using (true)'),
    1::bigint, 'or that for deletes'
);
select is(
    tests.outcome('member_a', 'update demo.items set nothing = 1', 'select ''x'' as line'),
    to_jsonb('column "nothing" of relation "items" does not exist'::text),
    'an error is an outcome'
);
select is(
    (select count(*) from demo.items where quantity = 9), 0::bigint, 'and nothing of them stays'
);

select is(
    (select count(*) from tests.forged('member_a')),
    9::bigint,
    'nine contexts, each forged in one thing'
);

select finish();
rollback;
