-- Removes what helpers/setup.sql made, and nothing else.
set client_min_messages = warning;
drop schema tests cascade;
