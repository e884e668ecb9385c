-- The vocabulary of the shop: every query gives what its word means, as the policies say.
begin;
set local search_path = tests, ext, public;
select plan(4);
select tests.load_fixture();
select mcp_catalog.refresh_catalog();

select is_empty(
    $$select * from mcp_catalog.catalog_refusal where function like 'term %'$$,
    'every term can be offered'
);
select is(
    (select count(*) from mcp_catalog.terms),
    (select count(*) from retail.terms()),
    'and all of them are'
);
select is(
    tests.call('manager_a', 'get_multiple_table_schemas', '{"table_names": ["inventory"]}')
    #> '{tables,0,terms}' -> 0 ->> 'word',
    'stock value',
    'the schemas of a table tell its words'
);
select
    is(
        (
            tests.call(
                'manager_a', 'execute_sales_query',
                jsonb_build_object('postgresql_query', t.query)
            ) #>> '{rows,0,0}'
        )::numeric,
        (
            select sum(i.stock_level * p.base_price)
            from retail.inventory as i
            inner join retail.products as p on i.product_id = p.product_id
            where i.store_id = tests.store('a')
        ),
        'a verified query answers for the rows of its caller'
    )
from mcp_catalog.terms as t
where t.word = 'stock value';

select finish();
rollback;
