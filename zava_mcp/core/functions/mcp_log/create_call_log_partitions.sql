create or replace function mcp_log.create_call_log_partitions(days_ahead integer default 7)
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
        perform mcp_tool.invalid('days_ahead', 'a number from 0 to 366');
    end if;
    -- nobody logs or drops meanwhile: for a call of a day that gets its partition there would be two places
    perform pg_advisory_xact_lock(hashtextextended('mcp_log.call_log partitions', 0));
    -- an ALTER that alters nothing: before PostgreSQL 17 LOCK wants UPDATE, which nobody has
    alter table only mcp_log.call_log enable trigger call_log_refuse_truncate;
    v_moves := exists (select from mcp_log.other_days);
    v_days := array(
        select d.day
        from (
            select mcp_log.utc_day(now()) + n from generate_series(0, days_ahead) as n
            union
            select mcp_log.utc_day(o.started_at) from mcp_log.other_days as o
        ) as d (day)
        where to_regclass(format('mcp_log.day_%s', to_char(d.day, 'YYYYMMDD'))) is null
        order by d.day
    );
    if v_moves then
        -- its rows cannot be deleted, so it goes as a whole, and they are copied from it
        alter table mcp_log.call_log detach partition mcp_log.other_days;
        alter table mcp_log.other_days rename to moving;
        perform mcp_log.create_call_log_partition('other_days', 'default');
    end if;
    foreach v_day in array v_days loop
        perform mcp_log.create_call_log_partition(
            'day_' || to_char(v_day, 'YYYYMMDD'),
            format('for values from (%L) to (%L)', mcp_log.utc_midnight(v_day), mcp_log.utc_midnight(v_day + 1))
        );
    end loop;
    if v_moves then
        insert into mcp_log.call_log select m.* from mcp_log.moving as m;
        drop table mcp_log.moving;
    end if;
    return cardinality(v_days);
end
$$;

comment on function mcp_log.create_call_log_partitions(integer) is $comment$
Create the partitions of the call log for today and the days ahead, and for days with calls in mcp_log.other_days,
which move into them. A day is a day in UTC.

Calls are logged without it too: it makes that days can be dropped whole.

@param days_ahead  How many days after today, 0 to 366.
@returns How many were made.
@error VALIDATION_ERROR days_ahead is outside 0 to 366.
$comment$;

alter function mcp_log.create_call_log_partitions(integer) owner to mcp_core;
revoke all on function mcp_log.create_call_log_partitions(integer) from public;
