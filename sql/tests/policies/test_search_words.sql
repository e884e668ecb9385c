-- retail.search_words: triggers and searches, which run as the owner, read and write it; no tool
-- does.
begin;
set local search_path = tests, ext, public;
select plan(19);
select tests.load_fixture();

select
    throws_ok(
        tests.writes(c.who, w.statement, r.role),
        '42501',
        'permission denied for table search_words',
        format('%s cannot %s as %s', c.who, w.statement, r.role)
    )
from (
    values
    ('select * from retail.search_words'),
    ('insert into retail.search_words default values'),
    ('update retail.search_words set product_count = 0'),
    ('delete from retail.search_words')
) as w (statement)
cross join unnest(array['manager_a', 'head']) as c (who)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select results_eq(
    $$select w.product_count from retail.search_words as w where w.word = 'quuxnail'$$,
    array[1::bigint],
    'the word that was not seen is there, unchanged'
);
select results_eq(
    tests.reads(
        null, $$select w.product_count from retail.search_words as w where w.word = 'quuxnail'$$,
        'zava_owner'
    ),
    array['1'],
    'the owner sees every row'
);
select results_eq(
    tests.writes(
        null, $$update retail.search_words set word = word where word = 'quuxnail'$$, 'zava_owner'
    ),
    array[1],
    'the owner changes every row'
);

select finish();
rollback;
