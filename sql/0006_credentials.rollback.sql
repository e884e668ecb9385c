-- Mirrors 0006 backwards. The keys made for what is gone go too.
drop table auth.used_assertions;
delete from auth.signing_keys where purpose <> 'context';
alter table auth.signing_keys drop constraint signing_keys_purpose_check;
alter table auth.signing_keys add constraint signing_keys_purpose_check
check (purpose in ('context'));
alter table auth.api_keys drop column last_used_at;
alter type auth.identity drop attribute credential_id;
