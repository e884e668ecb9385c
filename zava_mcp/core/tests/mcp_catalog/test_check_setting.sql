-- mcp_catalog.check_setting: what a setting may become.
begin;
set local search_path = tests, ext, public;
select plan(11);

create function pg_temp.change(name text, value jsonb)
returns text
language plpgsql
as $$
begin
    update mcp_catalog.settings as s set value = change.value where s.name = change.name;
    return 'changed';
exception
    when invalid_parameter_value then
        return sqlerrm;
end
$$;

select is(pg_temp.change(c.name, c.value::jsonb), c.said, format('%s: %s', c.name, c.value))
from (
    values
    ('retention_days', '30', 'changed'),
    ('retention_days', '0', 'changed'),
    (
        'retention_days', '"90 days"',
        'setting retention_days must be a whole number from 0 to 2147483647'
    ),
    ('max_rows', '1.5', 'setting max_rows must be a whole number from 0 to 2147483647'),
    ('max_rows', '99999999999', 'setting max_rows must be a whole number from 0 to 2147483647'),
    ('max_rows', '-1', 'setting max_rows must be a whole number from 0 to 2147483647'),
    ('max_rows', 'null', 'setting max_rows must be a whole number from 0 to 2147483647'),
    ('log_arguments', '"yes"', 'setting log_arguments must be true or false'),
    ('kept_claims', '"region"', 'setting kept_claims must be an array'),
    ('instructions', '"Ask for the shop."', 'changed')
) as c (name, value, said);
select is(
    (select s.value from mcp_catalog.settings as s where s.name = 'retention_days'),
    '0',
    'what was refused changed nothing'
);

select finish();
rollback;
