create or replace function mcp.maintain()
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hook regproc := mcp_catalog.hook('maintain');
    v_keep integer;
    v_step text;
    v_done jsonb;
    v_report jsonb := '{}';
    v_problems jsonb := '[]';
begin
    -- one at a time; a second run does nothing
    perform from mcp_log.upkeep for update skip locked;
    if not found then
        return '{"ran": false, "more": false}';
    end if;
    -- rather an hour later than in the way of the calls
    perform set_config('lock_timeout', '5s', true);
    -- the last two keep everybody from logging until the commit
    foreach v_step in array array['application', 'assertions', 'tasks', 'exports', 'sealed', 'partitions', 'dropped'] loop
        v_done := '0';
        begin
            case v_step
                when 'application' then
                    v_done := null;
                    if v_hook is not null then
                        execute format('select %s()', v_hook) into v_done;
                    end if;
                when 'assertions' then
                    -- as mcp_auth.use_once does it, for what nobody followed
                    with gone as (
                        delete from mcp_auth.used_assertions as a
                        where a.expires_at < statement_timestamp() - interval '2 minutes'
                        returning true
                    )

                    select to_jsonb(count(*)) into v_done from gone;
                when 'tasks' then
                    -- one that runs beyond its end cannot commit
                    with gone as (
                        delete from mcp_log.tasks as t
                        where t.expires_at < statement_timestamp()
                        returning true
                    )

                    select to_jsonb(count(*)) into v_done from gone;
                when 'exports' then
                    with gone as (
                        delete from mcp_log.exports as e
                        where e.expires_at < statement_timestamp()
                        returning true
                    )

                    select to_jsonb(count(*)) into v_done from gone;
                when 'sealed' then
                    v_done := to_jsonb(mcp_log.seal_call_log(100));
                when 'partitions' then
                    if exists (select from mcp_log.other_days) or exists (
                        select
                        from generate_series(0, 7) as n
                        where to_regclass(
                            format('mcp_log.day_%s', to_char(mcp_log.utc_day(now()) + n, 'YYYYMMDD'))
                        ) is null
                    ) then
                        v_done := to_jsonb(mcp_log.create_call_log_partitions(7));
                    end if;
                when 'dropped' then
                    select (s.value)::integer into v_keep from mcp_catalog.settings as s where s.name = 'retention_days';
                    -- not while there is more to seal, since a drop seals all of it
                    if v_keep > 0 and v_report -> 'sealed' <> '100' and exists (
                        select
                        from pg_inherits as i
                        join pg_class as c on c.oid = i.inhrelid
                        where i.inhparent = 'mcp_log.call_log'::regclass
                            and c.relname ~ '^day_\d{8}$'
                            and to_date(c.relname, '"day_"YYYYMMDD') < mcp_log.utc_day(now()) - v_keep
                    ) then
                        v_done := to_jsonb(mcp_log.drop_call_log(mcp_log.utc_day(now()) - v_keep));
                    end if;
            end case;
        exception
            when others then
                -- the other steps have nothing to do with it
                raise warning using message = format('mcp.maintain, step %s: %s', v_step, sqlerrm);
                v_problems := v_problems || to_jsonb(format('%s: %s', v_step, sqlerrm));
                v_done := null;
        end;
        v_report := v_report || jsonb_build_object(v_step, v_done);
    end loop;
    v_report := v_report || jsonb_build_object(
        'ran', true, 'more', coalesce(v_report -> 'sealed' = '100', false), 'problems', v_problems
    );
    update mcp_log.upkeep set ran_at = now(), report = v_report;
    return v_report;
end
$$;

comment on function mcp.maintain() is $comment$
Run the hourly upkeep: the application's hook maintain, spent assertions, expired tasks and exports, and seals, partitions and
retention of the call log. The server or cron calls it.

A step that fails does not keep the others from being done. While one runs another returns at once: that is the work of
a row lock, which no pooler and no lost session can leave behind.

@returns {"ran", "more", "application": what the hook returned, "assertions", "tasks", "exports", "sealed": batches, "partitions":
made, "dropped": days, "problems": [sentences]}. "more" is true when there is more to seal: call it again. "ran" is false when
another one is at it.
$comment$;

alter function mcp.maintain() owner to mcp_core;
revoke all on function mcp.maintain() from public;
grant execute on function mcp.maintain() to mcp_server;
