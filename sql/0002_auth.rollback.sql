-- Mirrors 0002 backwards.
drop type auth.identity;
drop table auth.signing_keys;
drop table auth.api_keys;
drop table auth.users;
drop table auth.audiences;
