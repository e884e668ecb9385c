select
    results_eq(
        tests.reads(null, 'COUNT_SQL', 'ROLE_NAME'),
        array[w.rows],
        'ROLE_NAME sees every row, as before'
    )
from whole as w;
