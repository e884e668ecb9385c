create or replace function mcp_auth.context()
returns mcp_auth.identity
language plpgsql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- seconds: of the transaction_timeout of servers, and between the clocks of two nodes
    c_longest constant numeric := 95;
    c_skew constant numeric := 5;
    v_raw text := nullif(current_setting('app.current_rls_user_id', true), '');
    v_field text[];
begin
    if v_raw is null then
        return null;
    end if;
    v_field := string_to_array(v_raw, '|');
    if cardinality(v_field) is distinct from 7
        -- the session on the coordinator, whichever node this is
        or v_field[4] is distinct from mcp_auth.session_id()::text
        or v_field[7] is distinct from mcp_auth.sign('context', array_to_string(v_field[1:6], '|'))
        -- what it opened elsewhere has another transaction, which began in the longest that a call may take
        or (case
            when mcp_auth.is_own_session()
                then v_field[5] is distinct from extract(epoch from transaction_timestamp())::text
            else (extract(epoch from clock_timestamp()) - v_field[5]::numeric between -c_skew and c_longest) is not true
        end)
    then
        raise insufficient_privilege using message = 'invalid request context';
    end if;
    return row(
        v_field[1], null, v_field[2],
        replace(replace(v_field[3], e'\x1f+', '|'), e'\x1f-', e'\x1f'),
        null, v_field[6]
    )::mcp_auth.identity;
end
$$;
