create or replace function mcp_auth.use_once(credential text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if starts_with(credential, 'ticket_') then
        raise invalid_authorization_specification using
            message = 'invalid credential',
            detail = 'A ticket stands for no write.',
            hint = 'Send the credential itself.',
            constraint = 'ticket';
    end if;
    if not starts_with(credential, 'assert_') then
        return;
    end if;
    if not mcp_auth.spend(credential, to_timestamp(split_part(credential, '_', 3)::bigint)) then
        raise invalid_authorization_specification using
            message = 'invalid credential',
            hint = 'Ask for a new API key.';
    end if;
end
$$;

comment on function mcp_auth.use_once(text) is $comment$
Spend an assertion, which mcp_auth.identify accepted, on a call that writes, in the transaction of the write. A failed
write does not spend it. API keys are never spent, and a ticket is only valid for reads.

@param credential  An API key, an assertion or a ticket.
@error AUTHORIZATION_ERROR The assertion was spent before, or it is a ticket: then the constraint is ticket.
$comment$;

alter function mcp_auth.use_once(text) owner to mcp_core;
revoke all on function mcp_auth.use_once(text) from public;
