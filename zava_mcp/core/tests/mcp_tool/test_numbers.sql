-- mcp_tool.format_count, percent and divide_rounded: numbers for sentences and tables.
begin;
set local search_path = tests, ext, public;
select plan(24);

select
    is(
        mcp_tool.format_count(c.count, c.noun),
        c.expected,
        format('count %s %s', c.count, c.noun)
    )
from (
    values
    (0, 'order', '0 orders'),
    (1, 'order', '1 order'),
    (2, 'customer', '2 customers'),
    (1234, 'piece', '1,234 pieces'),
    (999999999999, 'piece', '999,999,999,999 pieces'),
    (-1, 'piece', '-1 pieces'),
    (null, 'piece', null)
) as c (count, noun, expected);
select
    is(
        mcp_tool.percent(c.part, c.whole),
        c.expected,
        format('percent %s of %s', coalesce(c.part::text, 'null'), coalesce(c.whole::text, 'null'))
    )
from (
    values
    (1, 3, 33.3),
    (2, 3, 66.7),
    (0, 3, 0.0),
    (-5.00, 4.00, -125.0),
    (1, 0, null),
    (0, 0, null),
    (null, 3, null),
    (1, null, null)
) as c (part, whole, expected);

select
    is(
        mcp_tool.divide_rounded(d.part, d.whole),
        d.expected::bigint,
        format('%s / %s', coalesce(d.part::text, 'null'), coalesce(d.whole::text, 'null'))
    )
from (
    values
    (0, 3, 0),
    (1, 3, 0),
    (2, 3, 1),
    (1, 2, 1),
    (5, 2, 3),
    (7, 7, 1),
    (3999999999999999999, 1, 3999999999999999999),
    (null, 3, null),
    (1, null, null)
) as d (part, whole, expected);

select finish();
rollback;
