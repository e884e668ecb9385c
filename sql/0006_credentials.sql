-- Assertions of the shim beside API keys: their signing keys, which of them were spent, and when an
-- API key was last used.
alter type auth.identity add attribute credential_id text;
comment on column auth.identity.credential_id is
'Id of the API key, or "oauth" for an assertion; null in a request context.';

alter table auth.api_keys add column last_used_at timestamptz;
comment on column auth.api_keys.last_used_at is
'When it was last used, to the minute; null never.';

-- squawk-ignore ban-drop-constraint
alter table auth.signing_keys drop constraint signing_keys_purpose_check;
-- squawk-ignore constraint-missing-not-valid
alter table auth.signing_keys add constraint signing_keys_purpose_check
check (purpose in ('context', 'assertion', 'assertion_previous', 'call_log'));

create table auth.used_assertions (
    digest bytea not null,
    expires_at timestamptz not null,
    constraint used_assertions_pkey primary key (digest),
    constraint used_assertions_digest_check check (octet_length(digest) = 32)
);
create index used_assertions_expires_at_idx on auth.used_assertions (expires_at);
comment on table auth.used_assertions is
'Assertions that a writing tool was called with, each good for one call. Written by auth.use_once.';
comment on column auth.used_assertions.digest is 'SHA-256 of the assertion.';
comment on column auth.used_assertions.expires_at is
'From this moment on it is refused anyway; the row is removed a while after.';

-- a new owner needs CREATE on the schema for the moment of the hand-over
grant create on schema auth to zava_auth;
alter table auth.used_assertions owner to zava_auth;
revoke create on schema auth from zava_auth;
