create or replace function mcp_catalog.spend_state(state text)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    if state is null then
        return;
    end if;
    if not mcp_auth.spend(state, statement_timestamp() + interval '10 minutes') then
        raise invalid_parameter_value using
            message = 'the state of the questions was used already',
            hint = 'Send the call again without it: the questions are asked again.',
            constraint = 'request_state';
    end if;
end
$$;

comment on function mcp_catalog.spend_state(text) is $comment$
Spend the state of a call that wrote, in the transaction of the write, so that one answer of a user is valid for one
write.

@param state  What the client sent back, as mcp_catalog.read_state accepted it; null none.
@error VALIDATION_ERROR It was spent before; the constraint is request_state.
$comment$;

alter function mcp_catalog.spend_state(text) owner to mcp_core;
revoke all on function mcp_catalog.spend_state(text) from public;
