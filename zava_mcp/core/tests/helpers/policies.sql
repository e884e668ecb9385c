-- What the pgTAP files of policies share: both sides of each table, from who sees and writes what.
create function tests.outcome(who text, statement text, rows text, before text default '')
returns jsonb
language plpgsql
as $$
declare
    v_before text[];
    v_after text[];
    v_count integer;
begin
    execute before;
    execute format('select array_agg(r.line) from (%s) as r', rows) into v_before;
    v_count := tests.affected_as(tests.credential(who), statement);
    execute format('select array_agg(r.line) from (%s) as r', rows) into v_after;
    raise sqlstate 'ZZ001';
exception
    when sqlstate 'ZZ001' then
        return jsonb_build_object('count', v_count, 'lost', array(
            select unnest(v_before) collate "default" except all select unnest(v_after) order by 1
        ));
    when others then return to_jsonb(sqlerrm);
end
$$;
comment on function tests.outcome(text, text, text, text) is
'What a statement of a caller does as a tool, rolled back: how many rows it changes, and the lines
of rows that are not there afterwards; its error where it has one. before runs first, as the test.';

create function tests.write_matrix("table" regclass, rows text, who text[], writable jsonb)
returns setof text
language plpgsql
as $$
declare
    v_name text := (select c.relname from pg_catalog.pg_class as c where c.oid = "table");
    v_tenant text := writable ->> 'tenant';
    v_refused jsonb := to_jsonb(format('new row violates row-level security policy for table "%s"', v_name));
    v_caller text;
    v_all jsonb;
    v_total bigint;
    v_lines jsonb;
    v_written jsonb;
    v_sample record;
    v_forged record;
    v_statement text;
begin
    execute format('select count(*) from %s', "table") into v_total;
    execute format('select coalesce(jsonb_agg(r.line order by r.line collate "default"), ''[]'') from (%s) as r', rows)
    into v_all;
    foreach v_caller in array who || null::text loop
        v_lines := coalesce(writable -> 'rows' -> v_caller, '[]');
        -- who writes each row of the test writes each of the table, which may hold more
        v_written := jsonb_build_object(
            'count', case when v_lines = v_all then v_total else jsonb_array_length(v_lines) end, 'lost', v_lines
        );
        return next tests.is(
            tests.outcome(v_caller, format('update %s set %s', "table", writable ->> 'update'), rows),
            v_written,
            format('%s updates exactly these rows of %s', coalesce(v_caller, 'no context'), v_name)
        );
        return next tests.is(
            tests.outcome(
                v_caller, format('delete from %s', "table"), rows, coalesce(writable ->> 'before_delete', '')
            ),
            v_written,
            format('%s deletes exactly these rows of %s', coalesce(v_caller, 'no context'), v_name)
        );
        for v_sample in
            select
                s.key as tenant,
                format('insert into %s (%s) values (%s)', "table", writable ->> 'columns', s.value) as statement,
                coalesce(writable -> 'tenants' -> v_caller ? s.key, false) as is_own
            from jsonb_each_text(writable -> 'samples') as s
        loop
            return next tests.is(
                tests.outcome(v_caller, v_sample.statement, rows),
                case when v_sample.is_own then '{"count": 1, "lost": []}' else v_refused end,
                format('%s inserts into %s for %s', coalesce(v_caller, 'no context'), v_name, v_sample.tenant)
            );
            continue when v_sample.is_own or v_lines = '[]';
            return next tests.is(
                tests.outcome(
                    v_caller, format('update %s set %I = %L', "table", v_tenant, v_sample.tenant), rows,
                    format('grant update (%I) on %s to mcp_tools', v_tenant, "table")
                ),
                v_refused,
                format('%s moves no row of %s to %s, were the column granted', v_caller, v_name, v_sample.tenant)
            );
        end loop;
    end loop;
    for v_forged in select f.how, f.context from tests.forged(who[1]) as f loop
        foreach v_statement in array array[
            v_sample.statement, format('update %s set %s', "table", writable ->> 'update'),
            format('delete from %s', "table")
        ] loop
            return next tests.throws_ok(
                format('select tests.affected_with(%L, %L)', v_forged.context, v_statement),
                '42501', 'invalid request context',
                format('a context with %s cannot %s', v_forged.how, left(v_statement, 6))
            );
        end loop;
    end loop;
end
$$;
comment on function tests.write_matrix(regclass, text, text[], jsonb) is
'Both sides of the policies for writing of a table that tools write, after tests.policy_matrix with
writes. writable: "update", the SET list that changes a line; "rows", {who: [lines]} that each
updates and deletes; "tenant", the column; "columns" and "samples", {tenant: values}, of rows to
insert; "tenants", {who: [tenant]}; "before_delete", statements. Nobody moves a row to a tenant of
others, and a forged context writes nothing, by the first of who. Everything is rolled back.';

create function tests.policy_matrix(
    "table" regclass, rows text, visible jsonb, writable jsonb default null
)
returns setof text
language plpgsql
as $$
declare
    c_roles constant name[] := array['mcp_tools', 'mcp_sandbox'];
    v_name text := (select c.relname from pg_catalog.pg_class as c where c.oid = "table");
    v_owner name := (select c.relowner::regrole::name from pg_catalog.pg_class as c where c.oid = "table");
    v_column name := (
        select a.attname from pg_catalog.pg_attribute as a
        where a.attrelid = "table" and a.attnum > 0 and a.attgenerated = '' and a.attidentity = ''
        order by a.attnum limit 1
    );
    v_all text[] := array(
        select distinct e.line collate "default"
        from jsonb_each(visible) as w
        cross join jsonb_array_elements_text(w.value) as e (line)
        order by 1
    );
    v_caller record;
    v_role name;
    v_forged record;
    v_write text;
begin
    foreach v_role in array c_roles loop
        for v_caller in
            select w.key as who, array(select jsonb_array_elements_text(w.value)) as lines
            from jsonb_each(visible) as w
        loop
            return next tests.results_eq(
                tests.reads(v_caller.who, rows, v_role), v_caller.lines,
                format('%s sees exactly these rows of %s as %s', v_caller.who, v_name, v_role)
            );
            foreach v_write in array array[
                format('insert into %s default values', "table"),
                format('update %s set %I = %2$I', "table", v_column),
                format('delete from %s', "table"),
                format('truncate %s', "table")
            ] loop
                -- tests.write_matrix says what tools may write
                continue when writable is not null and v_role = 'mcp_tools' and v_write !~ '^truncate';
                return next tests.throws_ok(
                    tests.writes(v_caller.who, v_write, v_role),
                    '42501', 'permission denied for table ' || v_name,
                    format('%s cannot %s as %s', v_caller.who, v_write, v_role)
                );
            end loop;
        end loop;
        return next tests.is_empty(
            tests.reads(null, format('select 1 as one from %s', "table"), v_role),
            format('without a context no row of %s is seen as %s', v_name, v_role)
        );
        for v_forged in
            select f.how, f.context
            from tests.forged((
                select w.key from jsonb_each(visible) as w
                order by jsonb_array_length(w.value), w.key desc limit 1
            )) as f
        loop
            return next tests.throws_ok(
                format('select * from tests.rows_with(%L, %L, %L)', v_forged.context, rows, v_role),
                '42501', 'invalid request context',
                format('a context with %s reads nothing of %s as %s', v_forged.how, v_name, v_role)
            );
        end loop;
    end loop;
    if writable is not null then
        return query
        select m.* from tests.write_matrix("table", rows, array(
            select w.key from jsonb_each(visible) as w order by jsonb_array_length(w.value), w.key desc
        ), writable) as m;
    end if;
    return next tests.results_eq(rows, v_all, format('what was not seen of %s is there, unchanged', v_name));
    return next tests.results_eq(
        tests.reads(null, rows, v_owner), v_all, format('%s sees every row of %s', v_owner, v_name)
    );
    return next tests.results_eq(
        tests.writes(
            null,
            format('update %s set %I = %2$I where ctid = (select min(ctid) from %1$s)', "table", v_column),
            v_owner
        ),
        array[1], format('%s changes a row of %s', v_owner, v_name)
    );
end
$$;
comment on function tests.policy_matrix(regclass, text, jsonb, jsonb) is
'Both sides of the policies of a table: rows is a query with one text column,
visible {who: [lines]}. Each caller, as mcp_tools and as mcp_sandbox, sees exactly its lines and
writes nothing; nobody sees a row without a context, or with a forged one; the owner sees all lines,
which are those of the callers together, and writes. writable is as tests.write_matrix has it; null
is a table that no tool writes.';
