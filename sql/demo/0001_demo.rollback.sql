-- Mirrors 0001 backwards. The data stay.
drop schema retail_demo;
do $$
begin
    if exists (
        select from mcp_migrate.taken as t
        where t.statement = 'grant execute on function lpad(text,integer,text) to public'
    ) then
        revoke execute on function lpad(text, integer, text) from zava_owner;
    end if;
    delete from mcp_migrate.given_back where reason = 'digits of the demo''s telephone numbers';
end
$$;
