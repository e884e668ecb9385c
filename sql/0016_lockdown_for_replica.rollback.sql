-- Mirrors 0016. PUBLIC gets the functions back with all the others, by the rollback of 0009.
do $$
declare
    v_object text;
begin
    for v_object in
        delete from migrate.given_back as g
        where g.reason = 'how far a replica lags behind its primary'
        returning g.object
    loop
        execute format('revoke execute on function %s from zava_auth', v_object);
    end loop;
end
$$;
