create or replace function mcp_auth.read_ticket(ticket text)
returns mcp_auth.identity
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_signed text := substr(ticket, 73);
    v_reason text;
begin
    -- compared as it is: an expiry is two seconds away at most, in which nobody guesses a signature from times
    if mcp_auth.sign('ticket', quote_literal(current_catalog) || v_signed) is distinct from substr(ticket, 8, 64) then
        v_reason := 'The ticket was altered, or is of another database.';
    elsif split_part(v_signed, '|', 1)::numeric - extract(epoch from clock_timestamp()) not between 0 and 2 then
        -- the clock of a replica may be a second behind
        v_reason := 'The ticket has expired.';
    else
        return substr(v_signed, strpos(v_signed, '|') + 1)::mcp_auth.identity;
    end if;
    raise invalid_authorization_specification using
        message = 'invalid credential',
        detail = v_reason,
        hint = 'Send the credential itself.',
        constraint = 'ticket';
end
$$;

comment on function mcp_auth.read_ticket(text) is $comment$
Verify a ticket with one HMAC, without reading users and keys. So a revoked key, a removed user and a changed scope
take effect when its second ends.

@param ticket  As mcp_auth.write_ticket makes it.
@returns Whose credential was verified, with the scope of then.
@error AUTHORIZATION_ERROR The ticket was altered, is of another database, or has expired: the detail says which; the
constraint is ticket.
$comment$;

alter function mcp_auth.read_ticket(text) owner to mcp_core;
revoke all on function mcp_auth.read_ticket(text) from public;
