-- Who may call: audiences, users with their scope, API keys (hashes only), assertions that were
-- spent, and the keys that sign.
create table mcp_auth.audiences (
    audience name not null,
    description text not null,
    is_developers boolean not null default false,
    constraint audiences_pkey primary key (audience),
    constraint audiences_audience_check check (audience ~ '^[a-z_][a-z0-9_]{0,62}$')
);
comment on table mcp_auth.audiences is
'The roles that carry EXECUTE on tools. A user belongs to one.';
comment on column mcp_auth.audiences.audience is
'Name of a role of this cluster, nologin, member of nothing.';
comment on column mcp_auth.audiences.description is 'Who belongs to it, for people.';
comment on column mcp_auth.audiences.is_developers is
'Whether its users write the tools, and so see a fault in one whole.';

create table mcp_auth.users (
    user_id uuid not null default gen_random_uuid(),
    name text not null,
    audience name not null,
    scope text[] not null default '{}',
    external_id text,
    claims jsonb not null default '{}',
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    constraint users_pkey primary key (user_id),
    constraint users_external_id_key unique (external_id),
    constraint users_audience_fkey foreign key (audience)
    references mcp_auth.audiences (audience) on delete restrict,
    constraint users_name_check check (name = btrim(name) and length(name) between 1 and 200),
    constraint users_scope_check check (
        array_position(scope, null) is null and array_to_string(scope, '') !~ '[[:cntrl:]]'
    ),
    constraint users_claims_check check (
        jsonb_typeof(claims) = 'object' and octet_length(claims::text) <= 8192
    )
);
create index users_audience_idx on mcp_auth.users (audience);
comment on table mcp_auth.users is 'One row a person or agent that may call tools.';
comment on column mcp_auth.users.user_id is 'Key.';
comment on column mcp_auth.users.name is 'Display name, 1 to 200 characters.';
comment on column mcp_auth.users.audience is 'Decides which tools the user has.';
comment on column mcp_auth.users.scope is
'What the user was granted: ids whose meaning and type are the application''s (a branch, a '
'region), as text without control characters. Decides which rows.';
comment on column mcp_auth.users.external_id is
'Subject of the user at an identity provider, if there is one.';
comment on column mcp_auth.users.claims is
'What else is known of the user, {name: value}, at most 8192 bytes; policies read it by '
'mcp_auth.claim. It goes before what an access token says.';
comment on column mcp_auth.users.is_active is 'False refuses every credential of the user.';
comment on column mcp_auth.users.created_at is 'When the user was added.';

create table mcp_auth.claim_rules (
    issuer text not null,
    priority integer not null,
    claim text[] not null,
    value text not null,
    audience name not null,
    scope_claim text[],
    constraint claim_rules_pkey primary key (issuer, priority),
    constraint claim_rules_audience_fkey foreign key (audience)
    references mcp_auth.audiences (audience) on delete restrict,
    constraint claim_rules_issuer_check check (issuer <> ''),
    constraint claim_rules_claim_check check (
        cardinality(claim) > 0 and array_position(claim, null) is null
    ),
    constraint claim_rules_scope_claim_check check (
        cardinality(scope_claim) > 0 and array_position(scope_claim, null) is null
    )
);
create index claim_rules_audience_idx on mcp_auth.claim_rules (audience);
comment on table mcp_auth.claim_rules is
'Who of an identity provider may call without a row in mcp_auth.users: what a verified access '
'token says decides audience and scope. Without a rule that fits nobody does.';
comment on column mcp_auth.claim_rules.issuer is 'The claim "iss", exactly.';
comment on column mcp_auth.claim_rules.priority is
'Of the rules that fit, the one with the lowest number holds.';
comment on column mcp_auth.claim_rules.claim is
'Path of the claim that the rule reads, such as {groups} or {realm_access,roles}.';
comment on column mcp_auth.claim_rules.value is
'What the claim must be, or hold where it is an array.';
comment on column mcp_auth.claim_rules.audience is 'The audience of whom the rule fits.';
comment on column mcp_auth.claim_rules.scope_claim is
'Path of the claim with the ids of the scope: a string, a number or an array of them; null for an '
'empty scope.';

create table mcp_auth.api_keys (
    key_id text not null,
    user_id uuid not null,
    secret_hash bytea not null,
    label text not null default '',
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    constraint api_keys_pkey primary key (key_id),
    constraint api_keys_user_id_fkey foreign key (user_id)
    references mcp_auth.users (user_id) on delete restrict,
    constraint api_keys_key_id_check check (key_id ~ '^[0-9a-f]{16}$'),
    constraint api_keys_secret_hash_check check (octet_length(secret_hash) = 32),
    constraint api_keys_label_check check (length(label) <= 200)
);
create index api_keys_user_id_idx on mcp_auth.api_keys (user_id);
comment on table mcp_auth.api_keys is
'API keys "zava_<key_id>_<secret>". The secret itself is stored nowhere.';
comment on column mcp_auth.api_keys.key_id is 'The public part, 16 hexadecimal digits.';
comment on column mcp_auth.api_keys.user_id is 'Whose key it is.';
comment on column mcp_auth.api_keys.secret_hash is
'SHA-256 of the secret, which has 244 random bits.';
comment on column mcp_auth.api_keys.label is 'What the key is for, for people.';
comment on column mcp_auth.api_keys.created_at is 'When the key was made.';
comment on column mcp_auth.api_keys.expires_at is
'From this moment on the key is refused; null never.';
comment on column mcp_auth.api_keys.revoked_at is
'From this moment on the key is refused; null not revoked.';
comment on column mcp_auth.api_keys.last_used_at is
'When it was last used, to the minute; null never.';

create table mcp_auth.signing_keys (
    purpose text not null,
    inner_key bytea not null,
    outer_key bytea not null,
    created_at timestamptz not null default now(),
    constraint signing_keys_pkey primary key (purpose),
    constraint signing_keys_purpose_check check (
        purpose in (
            'state', 'context', 'assertion', 'assertion_previous', 'call_log', 'cursor', 'mask',
            'ticket'
        )
    ),
    constraint signing_keys_inner_key_check check (octet_length(inner_key) = 64),
    constraint signing_keys_outer_key_check check (octet_length(outer_key) = 64)
);
comment on table mcp_auth.signing_keys is
'Keys of HMAC-SHA256 (RFC 2104), random and made here, as the two padded blocks the algorithm '
'hashes first.';
comment on column mcp_auth.signing_keys.purpose is 'What is signed with it.';
comment on column mcp_auth.signing_keys.inner_key is 'The 64-byte key xor 0x36.';
comment on column mcp_auth.signing_keys.outer_key is 'The 64-byte key xor 0x5c.';
comment on column mcp_auth.signing_keys.created_at is 'When the key was made.';

-- the keys of assertions are made by mcp_auth.rotate_signing_key; a key is filled up with zeros
with secrets as materialized (
    select
        p.purpose,
        uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
        || decode(repeat('00', 32), 'hex') as secret
    from unnest(array['context', 'call_log', 'cursor', 'mask', 'state', 'ticket']) as p (purpose)
),

-- byte xor pad, as (a or b) - (a and b)
bytes as (
    select
        s.purpose,
        n.position,
        get_byte(s.secret, n.position) as secret_byte
    from secrets as s
    cross join generate_series(0, 63) as n (position)
)

insert into mcp_auth.signing_keys (purpose, inner_key, outer_key)
select
    b.purpose,
    string_agg(
        set_byte('\x00', 0, (b.secret_byte | 54) - (b.secret_byte & 54)),
        ''::bytea
        order by b.position
    ) as inner_key,
    string_agg(
        set_byte('\x00', 0, (b.secret_byte | 92) - (b.secret_byte & 92)),
        ''::bytea
        order by b.position
    ) as outer_key
from bytes as b
group by b.purpose;

create table mcp_auth.used_assertions (
    digest bytea not null,
    expires_at timestamptz not null,
    constraint used_assertions_pkey primary key (digest),
    constraint used_assertions_digest_check check (octet_length(digest) = 32)
);
create index used_assertions_expires_at_idx on mcp_auth.used_assertions (expires_at);
comment on table mcp_auth.used_assertions is
'Assertions, and states of questions, that a writing tool was called with, each good for one call. '
'Written by mcp_auth.spend.';
comment on column mcp_auth.used_assertions.digest is 'SHA-256 of it.';
comment on column mcp_auth.used_assertions.expires_at is
'From this moment on it is refused anyway; the row is removed a while after.';

create type mcp_auth.identity as (
    user_id uuid,
    name text,
    audience name,
    scope text[],
    credential_id text,
    claims jsonb
);
comment on type mcp_auth.identity is 'Who calls: the user, its audience and the rows it may see.';
comment on column mcp_auth.identity.user_id is 'User.';
comment on column mcp_auth.identity.name is 'Display name; null in a request context.';
comment on column mcp_auth.identity.audience is 'Decides which tools the user has.';
comment on column mcp_auth.identity.scope is
'The rows it may see now, as the application''s scope hook says.';
comment on column mcp_auth.identity.credential_id is
'Id of the API key, or "oauth" for an assertion; null in a request context.';
comment on column mcp_auth.identity.claims is
'What else is known of the user: its own claims, and those of its token that are kept.';

-- a new owner needs CREATE on the schema for the moment of the hand-over
grant create on schema mcp_auth to mcp_core;
alter table mcp_auth.audiences owner to mcp_core;
alter table mcp_auth.users owner to mcp_core;
alter table mcp_auth.claim_rules owner to mcp_core;
alter table mcp_auth.api_keys owner to mcp_core;
alter table mcp_auth.signing_keys owner to mcp_core;
alter table mcp_auth.used_assertions owner to mcp_core;
alter type mcp_auth.identity owner to mcp_core;
revoke create on schema mcp_auth from mcp_core;
