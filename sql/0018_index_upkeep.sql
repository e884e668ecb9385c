-- The hourly upkeep builds the vector index anew as the owner of its table, which asks for CREATE
-- on the schema. Where the schema's owner is no superuser, migrate.hand_over takes that back: there
-- retail.maintain() says that it is due.
grant create on schema retail to zava_owner;
