create or replace function mcp_auth.write_ticket(identity mcp_auth.identity)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_signed text := extract(epoch from clock_timestamp() + interval '1 second') || '|' || identity::text;
begin
    -- the name of the database, quoted, ends where it ends whatever it holds; a copy of a database has the same key
    return 'ticket_' || mcp_auth.sign('ticket', quote_literal(current_catalog) || v_signed) || '_' || v_signed;
end
$$;

comment on function mcp_auth.write_ticket(mcp_auth.identity) is $comment$
Create a ticket that replaces a verified credential in reads, for one second and in this database.

@param identity  Whose credential was verified.
@returns "ticket_<signature>_<expiry, unix seconds>|<identity>": the signature is the HMAC-SHA256, in hex, of the quoted name of
the database and all after its underscore. Null where there is no key for tickets.
$comment$;

alter function mcp_auth.write_ticket(mcp_auth.identity) owner to mcp_core;
revoke all on function mcp_auth.write_ticket(mcp_auth.identity) from public;
