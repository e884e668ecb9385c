select
    case
        when pg_has_role('ROLE_NAME', 'set')
            then
                results_eq(
                    tests.reads(null, 'COUNT_SQL', 'ROLE_NAME'),
                    array[w.rows],
                    format('%s sees every row, as before', 'ROLE_NAME')
                )
        else -- who runs this test may not become that role
            ok(
                exists (
                    select
                    from pg_policies as p
                    where
                        p.schemaname = 'SCHEMA_NAME'
                        and p.tablename = 'TABLE_NAME'
                        and p.policyname in ('BEFORE_NAME', 'BUT_TOOLS_NAME')
                        and 'ROLE_NAME' = any(p.roles)
                ),
                format('%s sees every row by its policy, as before', 'ROLE_NAME')
            )
    end
from whole as w;
