create or replace function mcp_log.refuse_change()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE' and tg_table_name = 'call_log_seals' then
        -- what a seal lists goes with the day that retention dropped; its head stays
        if to_jsonb(new) = to_jsonb(old) || '{"log_ids": null, "row_digests": null}'
            and exists (
                select
                from mcp_log.call_log_seals as s
                where s.kind = 'drop' and s.day > old.day and s.seal_id > old.seal_id
            )
        then
            return new;
        end if;
    end if;
    raise insufficient_privilege using
        message = format('%I.%I is append-only', tg_table_schema, tg_table_name),
        hint = 'mcp_log.drop_call_log(before) drops whole days.';
end
$$;

comment on function mcp_log.refuse_change() is $comment$
Refuse every change or removal of what is logged, for every role.

@error AUTHORIZATION_ERROR Always, but for what a seal lists of a day that was dropped.
$comment$;

alter function mcp_log.refuse_change() owner to mcp_core;
revoke all on function mcp_log.refuse_change() from public;

create or replace trigger call_log_refuse_change
before update or delete on mcp_log.call_log
for each row execute function mcp_log.refuse_change();
comment on trigger call_log_refuse_change on mcp_log.call_log is 'Keeps the log append-only.';

create or replace trigger call_log_refuse_truncate
before truncate on mcp_log.call_log
for each statement execute function mcp_log.refuse_change();
comment on trigger call_log_refuse_truncate on mcp_log.call_log is 'Keeps the log append-only.';

create or replace trigger call_log_seals_refuse_change
before update or delete on mcp_log.call_log_seals
for each row execute function mcp_log.refuse_change();
comment on trigger call_log_seals_refuse_change on mcp_log.call_log_seals is
'Keeps the chain append-only.';

create or replace trigger call_log_seals_refuse_truncate
before truncate on mcp_log.call_log_seals
for each statement execute function mcp_log.refuse_change();
comment on trigger call_log_seals_refuse_truncate on mcp_log.call_log_seals is
'Keeps the chain append-only.';
