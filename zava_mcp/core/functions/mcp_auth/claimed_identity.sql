create or replace function mcp_auth.claimed_identity(claims jsonb)
returns mcp_auth.identity
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rule mcp_auth.claim_rules;
    v_ids jsonb;
begin
    select r.* into v_rule
    from mcp_auth.claim_rules as r
    cross join lateral (
        select claimed_identity.claims #> r.claim as value
    ) as c
    where
        r.issuer = claimed_identity.claims ->> 'iss'
        and case jsonb_typeof(c.value)
            when 'array' then c.value ? r.value
            when 'string' then c.value #>> '{}' = r.value
            when 'number' then c.value #>> '{}' = r.value
            when 'boolean' then c.value #>> '{}' = r.value
        end
    order by r.priority
    limit 1;
    if not found then
        return null;
    end if;
    v_ids := claimed_identity.claims #> v_rule.scope_claim;
    return row(
        mcp_auth.claimed_user_id(v_rule.issuer, claimed_identity.claims ->> 'sub'),
        left(claimed_identity.claims ->> 'sub', 200),
        v_rule.audience,
        array(
            select e.value #>> '{}'
            from jsonb_array_elements(
                case jsonb_typeof(v_ids) when 'array' then v_ids else jsonb_build_array(v_ids) end
            ) with ordinality as e (value, position)
            where
                jsonb_typeof(e.value) in ('string', 'number')
                and e.value #>> '{}' !~ '[[:cntrl:]]'
            order by e.position
        ),
        'oauth',
        mcp_auth.kept_claims(claimed_identity.claims)
    )::mcp_auth.identity;
end
$$;

comment on function mcp_auth.claimed_identity(jsonb) is $comment$
Return the caller that a claim rule derives from a verified access token.

@param claims  The claims, "iss" and "sub" among them.
@returns The identity, by the fitting rule of this issuer with the lowest priority; null where none fits.
$comment$;

alter function mcp_auth.claimed_identity(jsonb) owner to mcp_core;
revoke all on function mcp_auth.claimed_identity(jsonb) from public;
