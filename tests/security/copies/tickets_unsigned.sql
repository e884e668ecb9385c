-- The signature of a ticket is not checked.
select attack.weaken(
    'mcp_auth.read_ticket(text)',
    'mcp_auth.sign(''ticket'', quote_literal(current_catalog) || v_signed) is distinct from split_part(ticket, ''_'', 2)',
    'false'
);
