-- Mirrors 0019. PUBLIC gets the function back with all the others, by the rollback of 0009.
delete from migrate.given_back as g
where g.role = 'zava_owner' and g.object = 'current_setting(text)';
revoke execute on function current_setting(text) from zava_owner;
