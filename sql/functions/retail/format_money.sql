create or replace function retail.format_money(amount numeric)
returns text
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select to_char(format_money.amount, 'FM$999,999,999,990.00');
end;

comment on function retail.format_money(numeric) is $comment$
An amount for sentences, like $1,234.50.

@param amount  US dollars.
@returns The text.
$comment$;

alter function retail.format_money(numeric) owner to zava_tools;
revoke all on function retail.format_money(numeric) from public;
