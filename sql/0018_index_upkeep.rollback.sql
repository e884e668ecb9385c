-- Mirrors 0018 backwards.
revoke create on schema retail from zava_owner;
