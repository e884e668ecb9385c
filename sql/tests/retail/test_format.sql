-- retail.format_money: amounts for sentences.
begin;
set local search_path = tests, ext, public;
select plan(11);

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

select finish();
rollback;
