create or replace function mcp.create_call_log_partitions(days_ahead integer default 7)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_days date[];
    v_day date;
    v_moves boolean;
begin
    if days_ahead is null or days_ahead not between 0 and 366 then
        perform tool.invalid('days_ahead', 'a number from 0 to 366');
    end if;
    -- nobody logs or drops meanwhile: for a call of a day that gets its partition there would be two places
    perform pg_advisory_xact_lock(hashtextextended('mcp.call_log partitions', 0));
    lock table mcp.call_log in share row exclusive mode;
    v_moves := exists (select from call_log.other_days);
    v_days := array(
        select d.day
        from (
            select mcp.utc_day(now()) + n from generate_series(0, days_ahead) as n
            union
            select mcp.utc_day(o.started_at) from call_log.other_days as o
        ) as d (day)
        where to_regclass(format('call_log.day_%s', to_char(d.day, 'YYYYMMDD'))) is null
        order by d.day
    );
    if v_moves then
        -- its rows cannot be deleted, so it goes as a whole, and they are copied from it
        alter table mcp.call_log detach partition call_log.other_days;
        alter table call_log.other_days rename to moving;
        perform mcp.create_call_log_partition('other_days', 'default');
    end if;
    foreach v_day in array v_days loop
        perform mcp.create_call_log_partition(
            'day_' || to_char(v_day, 'YYYYMMDD'),
            format('for values from (%L) to (%L)', mcp.utc_midnight(v_day), mcp.utc_midnight(v_day + 1))
        );
    end loop;
    if v_moves then
        insert into mcp.call_log select m.* from call_log.moving as m;
        drop table call_log.moving;
    end if;
    return cardinality(v_days);
end
$$;

comment on function mcp.create_call_log_partitions(integer) is $comment$
Make the partitions of the call log for today and the days ahead, and for days whose calls had to be logged in
call_log.other_days, which move into them. A day is a day in UTC.

Calls are logged without it too: it makes that days can be dropped whole.

@param days_ahead  How many days after today, 0 to 366.
@returns How many were made.
@error 22023 days_ahead is outside 0 to 366.
$comment$;

alter function mcp.create_call_log_partitions(integer) owner to zava_auth;
revoke all on function mcp.create_call_log_partitions(integer) from public;
grant execute on function mcp.create_call_log_partitions(integer) to zava_mcp;
