-- Mirrors 0001 backwards. Roles are cluster-wide and stay.
drop schema api;
drop schema tool;
drop schema mcp;
drop schema auth;
grant usage on schema public to public;
alter default privileges grant execute on functions to public;
drop extension if exists pg_trgm;
drop extension if exists vector;
drop schema ext;
