-- The catalogue names functions by their signature: pg_upgrade refuses a database with columns of
-- type regprocedure, since it gives functions new OIDs.
-- squawk-ignore-file changing-column-type -- the tables have few rows

-- so that signatures name the schema
set local search_path = pg_catalog, pg_temp;
set local check_function_bodies = off;

-- PostgreSQL does not change a column that a view or the body of a function names. Ours are empty
-- until the managed files, which all name it otherwise, create them again: a call in between fails
do $$
declare
    v_dependent record;
begin
    for v_dependent in
        select distinct d.classid, coalesce(r.ev_class, d.objid) as oid
        from pg_depend as d
        inner join pg_attribute as a on d.refobjid = a.attrelid and d.refobjsubid = a.attnum
        left join pg_rewrite as r on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        left join pg_class as c on r.ev_class = c.oid
        left join pg_proc as p on d.classid = 'pg_proc'::regclass and d.objid = p.oid
        inner join pg_namespace as n on coalesce(c.relnamespace, p.pronamespace) = n.oid
        where
            d.refclassid = 'pg_class'::regclass
            and a.attname in ('function', 'named')
            and a.attrelid in (
                'mcp_catalog.tools'::regclass, 'mcp_catalog.resources'::regclass,
                'mcp_catalog.prompts'::regclass, 'mcp_catalog.completions'::regclass,
                'mcp_catalog.skills'::regclass, 'mcp_catalog.hooks'::regclass
            )
            and n.nspname in ('mcp', 'mcp_auth', 'mcp_catalog', 'mcp_log', 'mcp_migrate', 'mcp_tool')
    loop
        if v_dependent.classid = 'pg_proc'::regclass then
            execute regexp_replace(
                pg_get_functiondef(v_dependent.oid), '\n(BEGIN ATOMIC|RETURN )\n?.*$', E'\nAS ''select 0'''
            );
        else
            execute (
                select format(
                    'create or replace view %s with (security_invoker = true) as select %s where false',
                    v_dependent.oid::regclass,
                    string_agg(
                        format(
                            'null::%s%s as %I',
                            format_type(a.atttypid, a.atttypmod),
                            ' collate ' || nullif(a.attcollation, 0)::regcollation,
                            a.attname
                        ),
                        ', ' order by a.attnum
                    )
                )
                from pg_attribute as a
                where a.attrelid = v_dependent.oid and a.attnum > 0
            );
        end if;
    end loop;
end
$$;

alter table mcp_catalog.tools alter column function type text;
alter table mcp_catalog.resources alter column function type text;
alter table mcp_catalog.prompts alter column function type text;
alter table mcp_catalog.completions alter column function type text;
alter table mcp_catalog.hooks alter column function type text;
alter table mcp_catalog.skills
alter column function type text,
alter column named type text [];

-- A signature alone would also name a function that somebody else makes once this one is gone.
alter table mcp_catalog.tools add column owner regrole;
alter table mcp_catalog.resources add column owner regrole;
alter table mcp_catalog.prompts add column owner regrole;
alter table mcp_catalog.completions add column owner regrole;
alter table mcp_catalog.hooks add column owner regrole;

-- the others come with the catalogue, which is rebuilt
update mcp_catalog.hooks as h set owner = p.proowner
from pg_proc as p
where p.oid = to_regprocedure(h.function);

comment on column mcp_catalog.tools.owner is 'Its owner; of another owner it is not called.';
comment on column mcp_catalog.resources.owner is 'Its owner; of another owner it is not called.';
comment on column mcp_catalog.prompts.owner is 'Its owner; of another owner it is not called.';
comment on column mcp_catalog.completions.owner is 'Its owner; of another owner it is not called.';
comment on column mcp_catalog.hooks.owner is 'Its owner; of another owner it is not called.';
comment on column mcp_catalog.tools.function is 'The function with its argument types.';
comment on column mcp_catalog.resources.function is 'The function with its argument types.';
comment on column mcp_catalog.prompts.function is 'The function with its argument types.';
comment on column mcp_catalog.completions.function is 'The function with its argument types.';
comment on column mcp_catalog.hooks.function is
'The function that answers it, with its argument types.';
comment on column mcp_catalog.skills.function is
'The function that returns its text, with its argument types.';
comment on column mcp_catalog.skills.named is
'Functions of exposed schemas that its text names, with their argument types: it is for those who '
'may execute them all.';

-- what the lock-down gives back, beside the lines of 0006
insert into mcp_migrate.lockdown_grants (role, privilege, kind, object, reason)
values (
    'mcp_core', 'execute', 'function', 'to_regprocedure(text)',
    'finds the functions of the catalogue by their signatures'
);
