create or replace function mcp_auth.read_ticket(ticket text)
returns mcp_auth.identity
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- not substr, which counts all characters of the text
    v_signed text := right(ticket, -72);
    v_seconds numeric;
    v_reason text;
begin
    -- compared as it is: an expiry is two seconds away at most, in which nobody guesses a signature from times
    if mcp_auth.sign('ticket', quote_literal(current_catalog) || v_signed) is distinct from split_part(ticket, '_', 2) then
        v_reason := 'The ticket was altered, or is of another database.';
    else
        v_seconds := split_part(v_signed, '|', 1)::numeric - extract(epoch from clock_timestamp());
        -- the clock of a replica may be a second behind
        if v_seconds between 0 and 2 then
            return right(v_signed, -strpos(v_signed, '|'))::mcp_auth.identity;
        end if;
        v_reason := 'The ticket has expired.';
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
