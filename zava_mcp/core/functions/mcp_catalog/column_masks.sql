create or replace function mcp_catalog.column_masks()
returns table (
    relation oid,
    attnum smallint,
    column_name name,
    type_name text,
    rule text,
    function oid,
    audiences name[],
    problem text
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with commented as (
        select
            c.oid as relation,
            c.relkind,
            a.attnum,
            a.attname,
            a.atttypid,
            b.oid as base,
            b.typcategory as category,
            array(
                select regexp_replace(btrim(m.line[1]), '\s+', ' ', 'g')
                from regexp_matches(d.description, '(?:^|\n)@mask\M([^\n]*)', 'g') as m (line)
            ) as lines
        from pg_catalog.pg_description as d
        inner join pg_catalog.pg_class as c on d.objoid = c.oid
        inner join pg_catalog.pg_attribute as a on c.oid = a.attrelid and d.objsubid = a.attnum
        cross join lateral mcp_catalog.base_type(a.atttypid) as b
        where
            d.classoid = 'pg_catalog.pg_class'::regclass
            and d.objsubid > 0
            and d.description ~ '(^|\n)@mask\M'
            -- what no tool reads is nobody's business here
            and (
                has_any_column_privilege('mcp_tools', c.oid, 'select')
                or has_any_column_privilege('mcp_sandbox', c.oid, 'select')
            )
    ),

    parsed as (
        select
            c.*,
            regexp_match(c.lines[1], '^(\S+)(?: clear=([a-z0-9_]+(?:,[a-z0-9_]+)*))?$') as parts
        from commented as c
    ),

    named as (
        select
            p.*,
            p.parts[1] as rule,
            coalesce(string_to_array(p.parts[2], ',')::name[], '{}') as audiences,
            f.oid as function,
            f.prorettype,
            f.provolatile,
            f.proretset
        from parsed as p
        left join lateral (
            select
                q.oid,
                q.prorettype,
                q.provolatile,
                q.proretset
            from pg_catalog.pg_proc as q
            inner join pg_catalog.pg_namespace as n on q.pronamespace = n.oid
            where
                n.nspname || '.' || q.proname = p.parts[1]
                and q.prokind = 'f'
                and q.pronargs = 1
                and q.proargtypes[0] in (p.atttypid, p.base)
            order by q.proargtypes[0] <> p.base
            limit 1
        ) as f on true
    )

    select
        n.relation,
        n.attnum,
        n.attname,
        format_type(n.base, null),
        n.rule,
        n.function,
        n.audiences,
        case
            when n.relkind not in ('r', 'p') then 'a mask is for a column of a table'
            when cardinality(n.lines) > 1 then 'a column has one line @mask'
            when n.parts is null
                then 'write @mask RULE, or @mask RULE clear=AUDIENCE,AUDIENCE, on a line of its own'
            when n.rule in ('last4', 'email', 'hash') and n.category <> 'S'
                then
                    format(
                        'the mask %s is for text, and the column is %s', n.rule,
                        format_type(n.atttypid, null)
                    )
            when n.rule not in ('last4', 'email', 'hash', 'null') and n.rule !~ '\.'
                then
                    format(
                        'there is no mask %s: take last4, email, hash, null, or a function as '
                        'schema.name',
                        n.rule
                    )
            when n.rule ~ '\.' and n.function is null
                then format('there is no function %s(%s)', n.rule, format_type(n.base, null))
            when n.rule ~ '\.' and (n.prorettype not in (n.base, n.atttypid) or n.proretset)
                then format('the function %s must return one %s', n.rule, format_type(n.base, null))
            when n.rule ~ '\.' and n.provolatile = 'v'
                then format('the function %s is volatile, and a mask only reads', n.rule)
            when
                n.rule ~ '\.'
                and not (
                    has_function_privilege('mcp_tools', n.function, 'execute')
                    and has_function_privilege('mcp_sandbox', n.function, 'execute')
                )
                then
                    format(
                        'who reads the view must execute its mask: grant execute on function '
                        '%s(%s) to mcp_tools, mcp_sandbox',
                        n.rule, format_type(n.base, null)
                    )
            when
                exists (
                    select
                    from unnest(n.audiences) as w (audience)
                    where w.audience not in (select a.audience from mcp_auth.audiences as a)
                )
                then
                    format(
                        'clear= names %s, and there is no such audience',
                        (
                            select min(w.audience::text)
                            from unnest(n.audiences) as w (audience)
                            where
                                w.audience not in (select a.audience from mcp_auth.audiences as a)
                        )
                    )
            when has_column_privilege('mcp_sandbox', n.relation, n.attnum, 'select')
                then
                    format(
                        'free queries read it as it is: grant mcp_sandbox the other columns of %s '
                        'alone, or none, and the view of mcp_migrate.mask_table',
                        n.relation::regclass
                    )
        end
    from named as n;
end;

comment on function mcp_catalog.column_masks() is $comment$
Return the lines @mask in comments of columns, of tables that tools or free queries read.

@returns One row a column: its base type, the rule (last4, email, hash, null, or schema.function) with its function, the
audiences that see it clear, and what is wrong with it; null where nothing is.
$comment$;

alter function mcp_catalog.column_masks() owner to mcp_core;
revoke all on function mcp_catalog.column_masks() from public;
