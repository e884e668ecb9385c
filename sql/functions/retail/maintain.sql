create or replace function retail.maintain()
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    -- of a long history a year at a time, since sales wait
    select jsonb_build_object('closed_days', retail.close_days(max_days => 366));
end;

comment on function retail.maintain() is $comment$
What mcp.maintain() has to do for the shop every hour: close the days that are over.

@returns {"closed_days": how many, over all stores}.
$comment$;

alter function retail.maintain() owner to zava_owner;
revoke all on function retail.maintain() from public;
grant execute on function retail.maintain() to zava_auth;

select mcp.register_hook('maintain', 'retail.maintain()');
