-- Removes schema tests with all that is in it.
set client_min_messages = warning;
drop schema if exists tests cascade;
