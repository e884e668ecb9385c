create or replace function mcp_auth.touch_api_keys(key_ids text[], used_at timestamptz)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    update mcp_auth.api_keys as k
    set last_used_at = touch_api_keys.used_at
    where k.key_id in (
        select t.key_id
        from mcp_auth.api_keys as t
        where
            t.key_id = any(touch_api_keys.key_ids)
            and (
                t.last_used_at is null
                or t.last_used_at < touch_api_keys.used_at - interval '1 minute'
            )
        -- a call that writes may hold the row for as long as it runs, and has written it
        for no key update skip locked
    );
end;

comment on function mcp_auth.touch_api_keys(text [], timestamptz) is $comment$
Record that API keys were used, with at most one write per minute and key.

@param key_ids  Ids of keys; other values are skipped.
@param used_at  When.
$comment$;

alter function mcp_auth.touch_api_keys(text [], timestamptz) owner to mcp_core;
revoke all on function mcp_auth.touch_api_keys(text [], timestamptz) from public;
