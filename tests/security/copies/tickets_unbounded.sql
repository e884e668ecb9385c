-- A ticket is good for ever, for writes, and for another ticket.
select attack.weaken(
    'mcp_auth.read_ticket(text)',
    'v_seconds between 0 and 2',
    'true'
);
select attack.weaken('mcp_auth.use_once(text)', 'starts_with(credential, ''ticket_'')', 'false');
select attack.weaken('mcp_auth.identify(text, text, text, text)', 'and action <> ''/authenticate''', '');
