-- The lock-down. The login keeps what PUBLIC had, for the catalogues, the checks and pgTAP.
do $$
declare
    v_login name := current_setting('bootstrap.login');
    v_statement text;
begin
    for v_statement in
        select
            format(
                'grant %s on %s %s to %I',
                case f.kind
                    when 'function' then 'execute'
                    when 'table' then 'select'
                    when 'database' then 'connect, temporary'
                    else 'usage'
                end,
                f.kind, f.object, v_login
            )
        from mcp_migrate.forbidden() as f
        where f.is_public
    loop
        execute v_statement;
    end loop;
    perform mcp_migrate.lock_down();
end
$$;

drop function mcp_migrate.lock_down(), mcp_migrate.access(), mcp_migrate.forbidden();
drop table mcp_migrate.taken, mcp_migrate.given_back;
