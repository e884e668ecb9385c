create or replace function api.get_current_utc_date()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select to_char(transaction_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
end;

comment on function api.get_current_utc_date() is $comment$
What date and time it is now, in UTC.

Use it before you speak of today, the weekday, this month or last year.

@returns ISO 8601 with Z, to the second.
@example "Which year are we in?" -> get_current_utc_date()
@example "Is it already Monday?" -> get_current_utc_date()
@example "What weekday is it?" -> get_current_utc_date()
@tool title="Current UTC date" group=sales,data,core
$comment$;

alter function api.get_current_utc_date() owner to mcp_tools;
revoke all on function api.get_current_utc_date() from public;
grant execute on function api.get_current_utc_date()
to mcp_core, store_managers, regional_managers, head_office;
