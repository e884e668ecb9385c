create or replace view migrate.check_lockdown (object, problem)
with (security_invoker = true) as
with setting as (
    select s.value = 'false' as is_skipped
    from mcp.settings as s
    where s.name = 'lockdown'
),

-- what somebody can use and no line of given_back allows
gap as (
    select
        case a.grantee when 0 then 'PUBLIC' else a.grantee::regrole::text end as grantee,
        a.class,
        case a.kind when 'function' then a.object else format('%s %s', a.kind, a.object) end
            as object
    from migrate.access() as a
    where
        (
            a.grantee = 0
            or a.grantee::regrole::text
            in ('zava_owner', 'zava_auth', 'zava_tools', 'zava_sandbox', 'zava_mcp')
        )
        and not exists (
            select
            from migrate.given_back as g
            where
                a.grantee <> 0
                and g.role = a.grantee::regrole::text
                and g.privilege = a.privilege
                and g.kind = a.kind
                and coalesce(g.object, quote_ident(current_database())) = a.object
        )
)

select
    g.grantee as object,
    format(
        'it may use what the lock-down forbids, class "%s": %s%s: select migrate.lock_down(), or a '
        'line in migrate.given_back',
        g.class,
        array_to_string((array_agg(distinct g.object order by g.object))[:5], ', '),
        case
            when count(distinct g.object) > 5
                then format(' and %s more', count(distinct g.object) - 5)
        end
    ) as problem
from gap as g
where not exists (select from setting as s where s.is_skipped)
group by g.grantee, g.class
union all
select
    'lock-down' as object,
    'it was skipped: docs/lockdown.md says what is exposed; select migrate.lock_down(), or verify '
    '--no-lockdown' as problem
from setting as s
where s.is_skipped and current_setting('migrate.lockdown', true) is distinct from 'off';

comment on view migrate.check_lockdown is
'What PUBLIC and our roles may use although the lock-down forbids it: of this PostgreSQL, or of an '
'extension that came later. One row where it was skipped.';
comment on column migrate.check_lockdown.object is 'Who may.';
comment on column migrate.check_lockdown.problem is 'What is wrong, and what to change.';
