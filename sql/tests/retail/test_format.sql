-- retail.format_money, format_count and percent: numbers for sentences.
begin;
set local search_path = tests, ext, public;
select plan(26);

select
    is(
        retail.format_money(m.amount),
        m.expected,
        format('money %s', coalesce(m.amount::text, 'null'))
    )
from (
    values
    (0, '$0.00'),
    (0.5, '$0.50'),
    (0.004, '$0.00'),
    (0.005, '$0.01'),
    (1234.5, '$1,234.50'),
    (999999.995, '$1,000,000.00'),
    (999999999999.99, '$999,999,999,999.99'),
    (-12.3, '-$12.30'),
    (-1234.567, '-$1,234.57'),
    (-0.004, '$0.00'),
    (null, null)
) as m (amount, expected);
select
    is(
        retail.format_count(c.count, c.noun),
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
        retail.percent(c.part, c.whole),
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

select finish();
rollback;
