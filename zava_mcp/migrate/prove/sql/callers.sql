-- Who asks: for each audience a caller whose scope is nothing, one id, several ids and everything;
-- of those that have one scope, a user who exists comes first.
with ids as (
    select
        v.tenant,
        row_number() over (order by md5(v.tenant || current_setting('prove.seed'))) as position,
        count(*) over () as total
    from (select distinct t.tenant from pg_temp.prove_tenant_values as t) as v
),

granted as (
    select
        u.audience,
        u.scope,
        u.claims,
        u.user_id
    from mcp_auth.users as u
    where u.is_active
    union all
    select
        a.audience,
        s.scope,
        '{}',
        null
    from mcp_auth.audiences as a
    cross join lateral (
        values
        ('{}'::text[]),
        (array(select i.tenant from ids as i where i.position = 1)),
        (array(select i.tenant from ids as i where i.position <= greatest(2, i.total / 2))),
        (array(select i.tenant from ids as i))
    ) as s (scope)
),

effective as (
    select
        g.audience,
        g.scope,
        g.claims,
        g.user_id,
        mcp_auth.scope_of(row(g.user_id, '', g.audience, g.scope, null, g.claims)::mcp_auth.identity) as seen
    from granted as g
),

kinds as (
    select
        e.*,
        case
            when cardinality(e.seen) = 0 then 'none'
            when cardinality(e.seen) = 1 then 'one'
            when cardinality(e.seen) >= (select count(*) from ids) then 'all'
            else 'several'
        end as kind
    from effective as e
)

select distinct on (k.audience, k.kind, k.claims <> '{}')
    k.audience::text,
    k.kind,
    k.scope,
    k.claims,
    k.user_id,
    k.seen
from kinds as k
order by k.audience, k.kind, k.claims <> '{}', k.user_id is null, md5(k.seen::text || current_setting('prove.seed'));
