-- The views migrate.check_*: each finds the fault it is for, and nothing where there is none.
begin;
set local search_path = tests, ext, public;
select plan(@PLAN@);

-- makes a fault, gives what the check says of it that it did not say before, and takes it back
create function pg_temp.found(check_name text, fault text)
returns setof text
language plpgsql
as $$
declare
    v_query text := format(
        'select array_agg(format(''%%s: %%s'', c.object, c.problem) order by 1) from migrate.%I as c',
        check_name
    );
    v_before text[];
    v_after text[];
begin
    execute v_query into v_before;
    begin
        execute fault;
        execute v_query into v_after;
        raise exception sqlstate 'ZZ000';
    exception
        when sqlstate 'ZZ000' then null;
    end;
    return query
    select a.line
    from unnest(v_after) as a (line)
    where a.line <> all(coalesce(v_before, '{}'))
    order by a.line;
end
$$;

select
    results_eq(
        format('select * from pg_temp.found(%L, %L)', f.check_name, f.fault),
        f.expected,
        format('%s: %s', f.check_name, f.expected[1])
    )
from (
    values
    (
        'check_catalog',
        'create function api.fault() returns integer language sql return 1',
        array[
            'api.fault(): PUBLIC may execute it: revoke all on function ... from public',
            'api.fault(): it has no comment: say what it does, for whom and in which units'
        ]
    )
) as f (check_name, fault, expected);

select finish();
rollback;
