create or replace function mcp_auth.add_claim_rule(
    issuer text,
    claim text[],
    value text,
    audience name,
    scope_claim text[] default null,
    priority integer default null
)
returns integer
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    insert into mcp_auth.claim_rules (issuer, priority, claim, value, audience, scope_claim)
    select
        add_claim_rule.issuer,
        coalesce(add_claim_rule.priority, max(r.priority) + 1, 1),
        add_claim_rule.claim,
        add_claim_rule.value,
        add_claim_rule.audience,
        add_claim_rule.scope_claim
    from mcp_auth.claim_rules as r
    where r.issuer = add_claim_rule.issuer
    returning priority;
end;

comment on function mcp_auth.add_claim_rule(text, text[], text, name, text[], integer) is $comment$
Admit callers of an identity provider without registering them, if a claim of their access token has a value.

@param issuer       The claim "iss", exactly.
@param claim        Path of the claim that the rule reads, such as {groups} or {realm_access,roles}.
@param value        What it must be, or hold where it is an array.
@param audience     Their audience.
@param scope_claim  Path of the claim with the ids of their scope; null for an empty scope.
@param priority     Of the rules that fit, the one with the lowest number holds; null for after all others of the issuer.
@returns The priority.
@error CONFLICT The audience does not exist.
@error CONFLICT The issuer has a rule of this priority.
@error VALIDATION_ERROR The issuer or a path is empty.
$comment$;

alter function mcp_auth.add_claim_rule(text, text[], text, name, text[], integer) owner to mcp_core;
revoke all on function
mcp_auth.add_claim_rule(text, text[], text, name, text[], integer) from public;
