create or replace function retail.format_money(amount numeric)
returns text
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case when round(format_money.amount, 2) < 0 then '-' else '' end
        || to_char(abs(format_money.amount), 'FM$999,999,999,990.00');
end;

comment on function retail.format_money(numeric) is $comment$
Return an amount in US dollars for sentences, like $1,234.50 or -$12.30.

@param amount  US dollars.
@returns The text.
$comment$;

alter function retail.format_money(numeric) owner to mcp_tools;
revoke all on function retail.format_money(numeric) from public;
