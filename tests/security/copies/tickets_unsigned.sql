-- The signature of a ticket is not checked.
select attack.weaken(
    'mcp_auth.read_ticket(text)',
    'mcp_auth.sign(''ticket'', quote_literal(current_catalog) || v_signed) is distinct from substr(ticket, 8, 64)',
    'false'
);
