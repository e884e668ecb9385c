-- A line of the lock-down for retail.tune_embedding_index, when the upkeep runs it.
insert into migrate.given_back (role, privilege, kind, object, reason)
values (
    'zava_owner', 'execute', 'function', 'current_setting(text)', 'never less memory than is set'
);

do $$
begin
    perform migrate.lock_down()
    from mcp.settings as s
    where s.name = 'lockdown' and s.value = 'true';
end
$$;
