-- What one run of prove works with: temporary tables and functions, gone with its transaction.
-- The setting prove.tenants holds the names of the tenant columns, prove.seed the seed, prove.rows
-- how many hidden rows of a table are changed; prove_policed holds the columns of policies.
create temp table prove_relations on commit drop as
with policy_readers as (
    -- functions that decide what a policy admits, and hooks that decide the scope
    select d.refobjid as id
    from pg_catalog.pg_depend as d
    where
        d.classid = 'pg_catalog.pg_policy'::regclass
        and d.refclassid = 'pg_catalog.pg_proc'::regclass
),

rule_text as (
    select lower(coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc)) as body
    from policy_readers as r
    inner join pg_catalog.pg_proc as p on r.id = p.oid
    where p.pronamespace::regnamespace::text !~ '^(mcp($|_)|pg_)'
)

select
    c.oid as relation,
    c.oid::regclass::text as name,
    c.relkind as kind,
    c.relrowsecurity as is_guarded,
    (
        select a.attname
        from pg_catalog.pg_attribute as a
        where
            a.attrelid = c.oid
            and not a.attisdropped
            and a.attname = any(string_to_array(current_setting('prove.tenants'), ','))
            -- a key of its own has the name of the tenants' key, and nothing else of it
            and (
                (
                    select coalesce(bool_or(not p.is_key or p.relation = c.oid), true)
                    from pg_temp.prove_policed as p
                    where p.tenant = a.attname
                )
                or not exists (
                    select
                    from pg_catalog.pg_index as i
                    where i.indrelid = c.oid and i.indisunique and i.indkey::text = a.attnum::text
                )
                and a.attidentity = ''
                and not a.atthasdef
                or exists (
                    select
                    from pg_catalog.pg_constraint as f
                    inner join pg_temp.prove_policed as p on f.confrelid = p.relation
                    where f.contype = 'f' and f.conrelid = c.oid and a.attnum = any(f.conkey)
                )
            )
        order by array_position(string_to_array(current_setting('prove.tenants'), ','), a.attname::text)
        limit 1
    ) as tenant,
    array(
        select t.name
        from mcp_migrate.tool_roles as t
        where
            has_any_column_privilege(t.oid, c.oid, 'select')
            and has_schema_privilege(t.oid, c.relnamespace, 'usage')
        order by t.name
    ) as readers,
    array(
        select a.attname
        from pg_catalog.pg_attribute as a
        where
            a.attrelid = c.oid
            and a.attnum > 0
            and not a.attisdropped
            and has_schema_privilege('mcp_sandbox', c.relnamespace, 'usage')
            and has_column_privilege('mcp_sandbox', c.oid, a.attnum, 'select')
        order by a.attnum
    ) as sandbox,
    -- its rows decide who sees what: to change them changes the rule
    exists (
        select
        from rule_text as r
        where strpos(r.body, lower(c.relname)) > 0 and r.body ~ ('\m' || lower(c.relname) || '\M')
    ) as is_rule,
    null::text as hidden_where
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where
    c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not c.relispartition
    and n.nspname !~ '^(pg_|information_schema$|mcp($|_)|tests$)'
    and not exists (
        select
        from pg_catalog.pg_depend as e
        where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = c.oid and e.deptype = 'e'
    );

-- of the core: other users, their keys, their calls, their idempotency keys
insert into prove_relations
select r.id, r.id::text, c.relkind, false, null, '{}', '{}', false, r.hidden_where
from (
    values
    ('mcp_auth.users'::regclass, 't.user_id <> %1$L'),
    ('mcp_auth.api_keys', 't.user_id <> %1$L'),
    ('mcp_log.call_log', 't.user_id is distinct from %1$L'),
    ('mcp_tool.requests', 't.scope <> all(%2$L::text[])')
) as r (id, hidden_where)
inner join pg_catalog.pg_class as c on r.id = c.oid;

-- the columns that may be changed, and by what: the first expression that the table takes
create temp table prove_columns on commit drop as
with numbers as (
    select
        c.relation,
        a.attname as name,
        a.attnum as position,
        format_type(a.atttypid, a.atttypmod) as type,
        b.typname as base,
        b.typcategory as category,
        b.oid as base_type,
        a.attnotnull as is_required,
        a.attidentity <> '' as is_identity,
        a.attgenerated <> '' as is_generated,
        a.atttypmod as modifier,
        exists (
            select
            from pg_catalog.pg_depend as d
            where
                d.classid = 'pg_catalog.pg_policy'::regclass
                and d.refclassid = 'pg_catalog.pg_class'::regclass
                and d.refobjid = c.relation
                and d.refobjsubid = a.attnum
        ) or a.attname is not distinct from c.tenant as is_rule,
        exists (
            select
            from pg_catalog.pg_index as i
            where i.indrelid = c.relation and i.indisunique and a.attnum = any(i.indkey::smallint[])
        ) as is_key,
        exists (
            select
            from pg_catalog.pg_constraint as f
            where
                f.contype = 'f'
                and f.confrelid = c.relation
                and a.attnum = any(f.confkey)
                and f.confupdtype <> 'a'
                and f.confupdtype <> 'r'
        ) as is_cascading
    from prove_relations as c
    inner join pg_catalog.pg_attribute as a on c.relation = a.attrelid
    cross join lateral mcp_catalog.base_type(a.atttypid) as b
    where c.kind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
)

select
    n.*,
    array_remove(
        array[
            case
                when n.category = 'N'
                    then format('(coalesce(t.%1$I, 0) + 1 + %2$s %% 9973)::%3$s', n.name, h.random, n.type)
                when n.category = 'S' and n.modifier between 5 and 35
                    then format('left(md5(%2$s::text), %4$s)::%3$s', n.name, h.random, n.type, n.modifier - 4)
                when n.category = 'S' then format('md5(%s::text)::%s', h.random, n.type)
                when n.category = 'D' and n.base = 'time'
                    then format('(t.%I + make_interval(mins => 1 + %s %% 300))::%s', n.name, h.random, n.type)
                when n.category = 'D'
                    then
                        format(
                            '(case when isfinite(t.%1$I) then t.%1$I else now() end'
                            ' - make_interval(days => 1 + %2$s %% 90))::%3$s',
                            n.name, h.random, n.type
                        )
                when n.category = 'B' then format('not coalesce(t.%I, false)', n.name)
                when n.category = 'E'
                    then
                        format(
                            '(select e.v from unnest(enum_range(null::%3$s)) as e (v)'
                            ' where e.v is distinct from t.%1$I order by md5(e.v::text || %2$s) limit 1)',
                            n.name, h.random, n.type
                        )
                when n.base = 'uuid' then format('md5(%s::text)::uuid::%s', h.random, n.type)
                when n.base in ('json', 'jsonb')
                    then format('jsonb_build_object(''prove'', %s)::%s', h.random, n.type)
                when n.base = 'bytea' then format('decode(md5(%s::text), ''hex'')::%s', h.random, n.type)
                when n.category = 'A' then format('''{}''::%s', n.type)
            end,
            case
                when n.category = 'N' then format('(t.%I + 1)::%s', n.name, n.type)
                when n.category = 'D' and n.base <> 'time'
                    then format('(t.%I + interval ''1 day'')::%s', n.name, n.type)
                when n.category = 'S'
                    then format('(t.%I || left(md5(%s::text), 6))::%s', n.name, h.random, n.type)
            end,
            case when n.category = 'S' then format('(left(md5(%s::text), 6) || t.%I)::%s', h.random, n.name, n.type) end,
            case
                when not n.is_key
                    then
                        format(
                            '(select o.%1$I from %2$s as o where o.%1$I::text is distinct from t.%1$I::text'
                            ' limit 1)',
                            n.name, n.relation::regclass
                        )
            end,
            case when not n.is_required then format('null::%s', n.type) end
        ],
        null
    ) as expressions
from numbers as n
cross join lateral (
    select
        format(
            '(''x'' || left(md5(t.ctid::text || %L), 7))::bit(28)::integer',
            current_setting('prove.seed') || n.name
        )
) as h (random)
where not n.is_generated;

-- who asks
create temp table prove_caller (
    user_id uuid not null, credential text not null, scope text[] not null
) on commit drop;

-- the rows that the caller may not see, as far as they are changed
create temp table prove_hidden (
    relation oid not null, number integer not null, part oid not null, row_id tid not null
) on commit drop;
create temp table prove_seen (relation oid, part oid, row_id tid) on commit drop;
grant insert on prove_seen to public;

create function pg_temp.prove_look(relation oid, reader name)
returns void
language plpgsql
as $$
declare
    v_name text := relation::regclass::text;
    v_query text := format(
        'insert into pg_temp.prove_seen select %s, t.tableoid, t.ctid from %s as t', relation, v_name
    );
    v_parts oid[];
    v_rows tid[];
begin
    begin
        execute format('grant select on %s to %I', v_name, reader);
        perform mcp_auth.begin_request((select c.credential from pg_temp.prove_caller as c));
        execute format('set local role %I', reader);
        execute v_query;
        set local role none;
        select array_agg(s.part), array_agg(s.row_id) into v_parts, v_rows
        from pg_temp.prove_seen as s
        where s.relation = prove_look.relation;
        raise sqlstate 'ZZ001';
    exception
        when sqlstate 'ZZ001' then null;
    end;
    delete from pg_temp.prove_seen as s where s.relation = prove_look.relation;
    insert into pg_temp.prove_seen
    select distinct prove_look.relation, s.*
    from unnest(v_parts, v_rows) as s (part, row_id);
end
$$;
comment on function pg_temp.prove_look(oid, name) is
'Note the rows that row-level security lets a role see for the caller. A column grant does not give '
'the place of a row, so the role gets the table for that moment.';

create function pg_temp.prove_outside(relation oid, alias text)
returns text
language sql
as $$
    select format(
        '(%2$s.%1$I is not null and %2$s.%1$I::text <> all(%3$L::text[]))', r.tenant, alias, c.scope
    )
    from pg_temp.prove_relations as r
    cross join pg_temp.prove_caller as c
    where r.relation = prove_outside.relation and r.tenant is not null
$$;
comment on function pg_temp.prove_outside(oid, text) is
'The condition that a row of a tenant is outside the scope of the caller; null without a tenant column.';

create function pg_temp.prove_hide()
returns table (relation text, hidden integer)
language plpgsql
as $$
declare
    v_relation pg_temp.prove_relations;
    v_reader name;
    v_where text;
begin
    for v_relation in
        select r.*
        from pg_temp.prove_relations as r
        where r.kind in ('r', 'p') and not r.is_rule
        order by r.name
    loop
        if v_relation.hidden_where is not null then
            select format(v_relation.hidden_where, c.user_id, c.scope) into v_where
            from pg_temp.prove_caller as c;
        else
            if v_relation.is_guarded then
                foreach v_reader in array v_relation.readers loop
                    perform pg_temp.prove_look(v_relation.relation, v_reader);
                end loop;
                analyze pg_temp.prove_seen;
            end if;
            v_where := concat_ws(
                ' or ',
                case
                    when v_relation.is_guarded
                        then format(
                            '(t.tableoid, t.ctid) not in (select s.part, s.row_id'
                            ' from pg_temp.prove_seen as s where s.relation = %s)',
                            v_relation.relation
                        )
                end,
                pg_temp.prove_outside(v_relation.relation, 't')
            );
        end if;
        continue when v_where = '';
        execute format(
            'insert into pg_temp.prove_hidden'
            ' select %1$s, row_number() over (), h.* from ('
            ' select t.tableoid, t.ctid from %2$s as t where %3$s'
            ' order by md5(t.ctid::text || %4$L) limit %5$s) as h',
            v_relation.relation, v_relation.name, v_where,
            current_setting('prove.seed'), current_setting('prove.rows')
        );
    end loop;
    analyze pg_temp.prove_hidden;
    return query
    select h.relation::regclass::text, count(*)::integer
    from pg_temp.prove_hidden as h
    group by h.relation
    order by 1;
end
$$;
comment on function pg_temp.prove_hide() is
'Note what the caller may not see: rows that no policy gives to a role of the tools, and rows of tenants outside the scope.';

create function pg_temp.prove_where(relation oid, alias text, numbers integer[] default null)
returns text
language sql
stable
as $$
    select format(
        '(%1$s.ctid = any(%2$L::tid[]) and (%1$s.tableoid, %1$s.ctid) in (select h.part, h.row_id'
        ' from pg_temp.prove_hidden as h where h.relation = %3$s))',
        prove_where.alias, coalesce(array_agg(h.row_id), '{}'), prove_where.relation
    )
    from pg_temp.prove_hidden as h
    where h.relation = prove_where.relation
        and (prove_where.numbers is null or h.number = any(prove_where.numbers))
$$;
comment on function pg_temp.prove_where(oid, text, integer[]) is
'The condition that a row is one of the hidden ones, by its place, so that no table is scanned.';

create function pg_temp.prove_values(relation oid, column_name name, is_hidden boolean, amount integer)
returns setof text
language plpgsql
as $$
begin
    return query execute format(
        'select v.value from (select t.%1$I::text as value from %2$s as t where t.%1$I is not null and %3$s'
        ' limit 1000) as v group by v.value order by md5(v.value || %4$L) limit %5$s',
        column_name, relation::regclass,
        case
            when is_hidden then pg_temp.prove_where(relation, 't')
            else concat_ws(
                ' and ', 'not ' || pg_temp.prove_where(relation, 't'), 'not ' || pg_temp.prove_outside(relation, 't')
            )
        end,
        current_setting('prove.seed'), amount
    );
end
$$;
comment on function pg_temp.prove_values(oid, name, boolean, integer) is
'Values of a column in hidden rows, or in the others.';

create function pg_temp.prove_is_visible(column_name name, value text)
returns boolean
language plpgsql
as $$
declare
    v_relation record;
    v_rows tid[];
    v_found boolean;
begin
    for v_relation in
        select r.relation, r.is_guarded
        from pg_temp.prove_relations as r
        inner join pg_temp.prove_columns as c on r.relation = c.relation
        inner join pg_catalog.pg_class as p on r.relation = p.oid
        where c.name = prove_is_visible.column_name and r.hidden_where is null
        order by p.reltuples
    loop
        execute format(
            'select array_agg(t.row_id) from (select t.ctid as row_id from %s as t'
            ' where t.%I = %L and %s limit 1000) as t',
            v_relation.relation::regclass, column_name, value,
            coalesce('not ' || pg_temp.prove_outside(v_relation.relation, 't'), 'true')
        ) into v_rows;
        v_found := v_rows is not null and (
            not v_relation.is_guarded
            or exists (
                select
                from pg_temp.prove_seen as s
                where s.relation = v_relation.relation and s.row_id = any(v_rows)
            )
        );
        if v_found then
            return true;
        end if;
    end loop;
    return false;
exception
    when data_exception then return false; -- a column of that name has another type
end
$$;
comment on function pg_temp.prove_is_visible(name, text) is
'Whether a value stands in a column of that name in a row that the caller sees.';

create function pg_temp.prove_unused(number numeric)
returns text[]
language plpgsql
as $$
declare
    v_column record;
    v_used numeric[] := '{}';
    v_some numeric[];
    -- below a large one, so that it fits the type of an argument
    v_first bigint := case when number > 100 then number - 100 else number + 1 end;
begin
    if number % 1 <> 0 then
        return '{}';
    end if;
    for v_column in
        select
            r.name as relation,
            c.name
        from pg_temp.prove_relations as r
        inner join pg_temp.prove_columns as c on r.relation = c.relation
        where r.hidden_where is null and c.base in ('int2', 'int4', 'int8', 'numeric', 'float4', 'float8')
    loop
        execute format(
            'select array_agg(distinct t.%1$I::numeric) from %2$s as t where t.%1$I between %3$s and %4$s',
            v_column.name, v_column.relation, v_first, v_first + 99
        ) into v_some;
        v_used := v_used || coalesce(v_some, '{}');
    end loop;
    return array(
        select n.value::text
        from generate_series(v_first, v_first + 99) as n (value)
        where n.value <> all(v_used)
        order by abs(n.value - number)
        limit 2
    );
end
$$;
comment on function pg_temp.prove_unused(numeric) is
'The two whole numbers nearest to a number that stand in no column; none for a fraction.';

create function pg_temp.prove_try(statement text, is_kept boolean default true)
returns text
language plpgsql
as $$
declare
    v_count bigint;
begin
    execute statement;
    get diagnostics v_count = row_count;
    if exists (
        select
        from pg_temp.prove_caller as c
        where (mcp_auth.identify(c.credential)).scope is distinct from c.scope
    ) then
        raise exception 'it changes the scope of the caller';
    end if;
    if not is_kept then
        raise sqlstate 'ZZ001';
    end if;
    return case when v_count = 0 then 'no row was changed' end;
exception
    when sqlstate 'ZZ001' then return null;
    when others then return sqlerrm;
end
$$;
comment on function pg_temp.prove_try(text, boolean) is
'Run a statement that leaves the scope of the caller as it is; the error when it does not, and then nothing was done.';

create function pg_temp.prove_protected(relation oid)
returns text
language sql
as $$
    select coalesce(string_agg(
        format(
            'not exists (select from %s as c inner join pg_temp.prove_seen as s'
            ' on s.relation = %s and s.part = c.tableoid and s.row_id = c.ctid where %s)',
            f.conrelid::regclass, f.conrelid,
            (
                select string_agg(format('c.%I = t.%I', m.attname, o.attname), ' and ')
                from unnest(f.conkey, f.confkey) as k (mine, other)
                inner join pg_catalog.pg_attribute as m on m.attrelid = f.conrelid and m.attnum = k.mine
                inner join pg_catalog.pg_attribute as o on o.attrelid = f.confrelid and o.attnum = k.other
            )
        ), ' and '
    ), 'true')
    from pg_catalog.pg_constraint as f
    where f.contype = 'f' and f.confrelid = prove_protected.relation and f.confdeltype not in ('a', 'r')
$$;
comment on function pg_temp.prove_protected(oid) is
'The condition that no row which the caller sees would go with a row when that is deleted.';

create function pg_temp.prove_update(relation oid, columns text[], numbers integer[])
returns text[]
language plpgsql
as $$
declare
    v_column pg_temp.prove_columns;
    v_expression text;
    v_set text := '';
    v_first text;
    v_done text[] := '{}';
    v_update text := format(
        'update %s as t set %%s where %s',
        relation::regclass, replace(pg_temp.prove_where(relation, 't', numbers), '%', '%%')
    );
begin
    select
        string_agg(format('%I = %s', c.name, c.expressions[1]), ', '),
        array_agg(c.name::text order by c.position)
    into v_first, v_done
    from pg_temp.prove_columns as c
    where c.relation = prove_update.relation and not c.is_rule and not c.is_cascading
        and not c.is_identity and cardinality(c.expressions) > 0
        and (columns is null or c.name = any(columns));
    if v_first is null then
        return '{}';
    end if;
    if pg_temp.prove_try(format(v_update, v_first)) is null then
        return v_done;
    end if;
    v_done := '{}';
    for v_column in
        select c.*
        from pg_temp.prove_columns as c
        where c.relation = prove_update.relation and not c.is_rule and not c.is_cascading
            and not c.is_identity
            and (columns is null or c.name = any(columns))
        order by c.is_key, c.position
    loop
        foreach v_expression in array v_column.expressions loop
            v_first := concat_ws(', ', nullif(v_set, ''), format('%I = %s', v_column.name, v_expression));
            if pg_temp.prove_try(format(v_update, v_first), false) is null then
                v_set := v_first;
                v_done := v_done || v_column.name::text;
                exit;
            end if;
        end loop;
    end loop;
    if v_set <> '' then
        perform pg_temp.prove_try(format(v_update, v_set));
    end if;
    return v_done;
end
$$;
comment on function pg_temp.prove_update(oid, text[], integer[]) is
'Give the hidden rows of a table other values, column by column where the table does not take all at once; the columns.';

create function pg_temp.prove_move(relation oid, numbers integer[])
returns text[]
language plpgsql
as $$
declare
    v_tenant name := (select r.tenant from pg_temp.prove_relations as r where r.relation = prove_move.relation);
    v_number integer;
    v_done integer := 0;
begin
    if v_tenant is null then
        return '{}';
    end if;
    for v_number in
        select h.number
        from pg_temp.prove_hidden as h
        where h.relation = prove_move.relation and (numbers is null or h.number = any(numbers))
        order by h.number
        limit 20
    loop
        v_done := v_done + (pg_temp.prove_try(format(
            'update %1$s as t set %2$I = o.value from ('
            ' select m.%2$I as value from %1$s as m where %3$s and %4$s'
            ' order by md5(m.%2$I::text || %5$s)) as o'
            ' where %6$s and o.value is distinct from t.%2$I and %7$s',
            relation::regclass, v_tenant, pg_temp.prove_where(relation, 'm'),
            pg_temp.prove_outside(relation, 'm'), v_number,
            pg_temp.prove_where(relation, 't', array[v_number]), pg_temp.prove_protected(relation)
        )) is null)::integer;
    end loop;
    return case when v_done > 0 then array[v_tenant::text] else '{}' end;
end
$$;
comment on function pg_temp.prove_move(oid, integer[]) is
'Move hidden rows of a table to another hidden tenant; the tenant column when one moved.';

create function pg_temp.prove_insert(relation oid, numbers integer[])
returns text[]
language plpgsql
as $$
declare
    v_names text;
    v_values text;
    v_keys text;
    v_number integer;
    v_done integer := 0;
begin
    select
        string_agg(quote_ident(c.name), ', ' order by c.position),
        string_agg(
            case
                when c.is_key and not c.is_rule and f.is_free then c.expressions[1]
                else format('t.%I', c.name)
            end,
            ', ' order by c.position
        )
    into v_names, v_values
    from pg_temp.prove_columns as c
    cross join lateral (
        select not exists (
            select
            from pg_catalog.pg_constraint as k
            where k.contype = 'f' and k.conrelid = c.relation and c.position = any(k.conkey)
        )
    ) as f (is_free)
    where c.relation = prove_insert.relation;
    for v_number in
        select h.number
        from pg_temp.prove_hidden as h
        where h.relation = prove_insert.relation and (numbers is null or h.number = any(numbers))
        order by h.number
    loop
        v_done := v_done + (pg_temp.prove_try(format(
            'insert into %1$s (%2$s) overriding system value select %3$s from %1$s as t where %4$s',
            relation::regclass, v_names, v_values, pg_temp.prove_where(relation, 't', array[v_number])
        )) is null)::integer;
        exit when v_done = 0 and v_number >= 5;
    end loop;
    return case v_done when 0 then '{}' when 1 then array['1 row'] else array[format('%s rows', v_done)] end;
end
$$;
comment on function pg_temp.prove_insert(oid, integer[]) is
'Add copies of hidden rows under keys of their own; how many.';

create function pg_temp.prove_delete(relation oid, numbers integer[])
returns text[]
language plpgsql
as $$
declare
    v_number integer;
    v_done integer := 0;
begin
    for v_number in
        select h.number
        from pg_temp.prove_hidden as h
        where h.relation = prove_delete.relation and (numbers is null or h.number = any(numbers))
        order by h.number
    loop
        v_done := v_done + (pg_temp.prove_try(format(
            'delete from %s as t where %s and %s',
            relation::regclass, pg_temp.prove_where(relation, 't', array[v_number]),
            pg_temp.prove_protected(relation)
        )) is null)::integer;
    end loop;
    return case v_done when 0 then '{}' when 1 then array['1 row'] else array[format('%s rows', v_done)] end;
end
$$;
comment on function pg_temp.prove_delete(oid, integer[]) is 'Delete hidden rows; how many.';

-- columns of which a caller gets nothing at all, whatever they hold
create temp table prove_masked on commit drop as
select
    m.relation,
    m.column_name as name,
    m.audiences
from mcp_catalog.column_masks() as m
where m.rule = 'null' and m.problem is null;

create function pg_temp.prove_mask(relation oid, columns text[])
returns text[]
language plpgsql
as $$
declare
    v_name text;
    v_expressions text[];
    v_expression text;
    v_done text[] := '{}';
    v_update text;
begin
    select
        format(
            'update %1$s as t set %%1$I = %%2$s where t.ctid = any(array('
            ' select m.ctid from %1$s as m where %2$s order by md5(m.ctid::text || %3$L) limit %4$s))',
            r.name,
            case
                when r.is_guarded
                    then format(
                        '(m.tableoid, m.ctid) in (select s.part, s.row_id from pg_temp.prove_seen as s'
                        ' where s.relation = %s)',
                        r.relation
                    )
                else coalesce('not ' || pg_temp.prove_outside(r.relation, 'm'), 'true')
            end,
            current_setting('prove.seed'), current_setting('prove.rows')
        )
    into v_update
    from pg_temp.prove_relations as r
    where r.relation = prove_mask.relation;
    for v_name, v_expressions in
        select c.name, c.expressions
        from pg_temp.prove_columns as c
        inner join pg_temp.prove_masked as m on c.relation = m.relation and c.name = m.name
        where c.relation = prove_mask.relation and not c.is_rule and not c.is_cascading
            and current_setting('prove.audience') <> all(m.audiences)
            and (columns is null or c.name = any(columns))
        order by c.position
    loop
        foreach v_expression in array v_expressions loop
            if pg_temp.prove_try(format(v_update, v_name, v_expression)) is null then
                v_done := v_done || v_name;
                exit;
            end if;
        end loop;
    end loop;
    return v_done;
end
$$;
comment on function pg_temp.prove_mask(oid, text[]) is
'Change values that the mask null keeps from the caller, in rows that the caller sees; the columns.';

create function pg_temp.prove_change(relation oid, action text, columns text[], numbers integer[])
returns text[]
language plpgsql
as $$
declare
    v_done text[];
    v_attempt integer;
    v_may_replicate boolean := has_parameter_privilege('session_replication_role', 'set');
begin
    for v_attempt in 1..2 loop
        v_done := case action
            when 'update' then pg_temp.prove_update(relation, columns, numbers)
            when 'move' then pg_temp.prove_move(relation, numbers)
            when 'insert' then pg_temp.prove_insert(relation, numbers)
            when 'mask' then pg_temp.prove_mask(relation, columns)
            else pg_temp.prove_delete(relation, numbers)
        end;
        -- a table whose triggers refuse changes, and that no other refers to
        exit when v_done <> '{}' or not v_may_replicate or exists (
            select
            from pg_catalog.pg_constraint as f
            where f.contype = 'f' and prove_change.relation in (f.conrelid, f.confrelid)
        ) or not exists (
            select
            from pg_catalog.pg_trigger as g
            where g.tgrelid = prove_change.relation and not g.tgisinternal
        );
        set local session_replication_role = replica;
    end loop;
    if v_may_replicate then
        set local session_replication_role = origin;
    end if;
    return v_done;
end
$$;
comment on function pg_temp.prove_change(oid, text, text[], integer[]) is
'Change the hidden rows of a table: update, move, insert or delete, or mask: masked values; what was changed, empty when nothing could be.';

create function pg_temp.prove_refresh()
returns void
language plpgsql
as $$
declare
    v_view text;
begin
    for v_view in
        select r.name
        from pg_temp.prove_relations as r
        inner join pg_catalog.pg_class as c on r.relation = c.oid
        where r.kind = 'm' and c.relispopulated
        order by r.relation
    loop
        execute 'refresh materialized view ' || v_view;
    end loop;
end
$$;
comment on function pg_temp.prove_refresh() is 'Let materialized views show what their tables hold.';

create function pg_temp.prove_touched()
returns table (relation oid, counts bigint)
language sql
volatile
as $$
    select
        r.relation,
        sum(
            pg_stat_get_xact_tuples_inserted(p.relid) + pg_stat_get_xact_tuples_updated(p.relid)
            + pg_stat_get_xact_tuples_deleted(p.relid)
        )::bigint
    from pg_temp.prove_relations as r
    cross join lateral (
        select r.relation::regclass as relid
        where r.kind = 'r'
        union all
        select t.relid
        from pg_partition_tree(r.relation) as t
        where r.kind = 'p'
    ) as p
    where r.tenant is not null
    group by r.relation
$$;
comment on function pg_temp.prove_touched() is
'How often this transaction has written to each table of tenants, whatever was rolled back of it.';

create temp table prove_counts (relation oid, counts bigint) on commit drop;

create function pg_temp.prove_watch()
returns void
language sql
volatile
as $$
    delete from pg_temp.prove_counts;
    insert into pg_temp.prove_counts select t.* from pg_temp.prove_touched() as t
$$;
comment on function pg_temp.prove_watch() is 'Note what has been written so far, for pg_temp.prove_written.';

create function pg_temp.prove_digest(relation oid)
returns text
language plpgsql
as $$
declare
    v_digest text;
begin
    execute format(
        'select concat_ws('' '', count(*), count(*) filter (where age(t.xmin) <= age(%L::xid))) from %s as t where %s',
        (pg_current_xact_id()::text::bigint % 4294967296)::text,
        relation::regclass, pg_temp.prove_outside(relation, 't')
    ) into v_digest;
    return v_digest;
end
$$;
comment on function pg_temp.prove_digest(oid) is
'How many rows of a table are outside the scope of the caller, and how many of them this transaction has written.';

create function pg_temp.prove_written()
returns jsonb
language sql
volatile
as $$
    select coalesce(jsonb_object_agg(t.relation::regclass, pg_temp.prove_digest(t.relation)), '{}')
    from pg_temp.prove_touched() as t
    inner join pg_temp.prove_counts as b on t.relation = b.relation
    where t.counts <> b.counts
$$;
comment on function pg_temp.prove_written() is
'{table: pg_temp.prove_digest} of the tables of tenants that were written since pg_temp.prove_watch.';

create function pg_temp.prove_begin(audience name, scope text[], claims jsonb, user_id uuid)
returns text
language plpgsql
as $$
declare
    v_user_id uuid := coalesce(user_id, mcp_auth.add_user('Prove', audience, scope, null, claims));
    v_credential text := mcp_auth.create_api_key(v_user_id, 'prove');
begin
    insert into pg_temp.prove_caller (user_id, credential, scope)
    values (v_user_id, v_credential, (mcp_auth.identify(v_credential)).scope);
    return v_credential;
end
$$;
comment on function pg_temp.prove_begin(name, text[], jsonb, uuid) is
'Take a caller: a user who exists, or one made for this; the API key.';
