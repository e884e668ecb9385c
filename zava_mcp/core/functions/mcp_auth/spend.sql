create or replace function mcp_auth.spend(secret text, expires_at timestamptz)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- what is refused for its age cannot be used again; a statement that began before then has ended a minute later
    delete from mcp_auth.used_assertions as a
    where a.digest in (
        select old.digest
        from mcp_auth.used_assertions as old
        where old.expires_at < statement_timestamp() - interval '2 minutes'
        order by old.expires_at
        limit 100
        for update skip locked
    );
    insert into mcp_auth.used_assertions (digest, expires_at)
    values (sha256(convert_to(secret, 'UTF8')), spend.expires_at)
    on conflict do nothing;
    return found;
end
$$;

comment on function mcp_auth.spend(text, timestamptz) is $comment$
Record that something valid for one write was used, in the transaction of the write. A failed write does not use it.

@param secret      An assertion, or the state of questions; its SHA-256 is kept.
@param expires_at  From this moment on it is refused for its age.
@returns True the first time, false after it.
$comment$;

alter function mcp_auth.spend(text, timestamptz) owner to mcp_core;
revoke all on function mcp_auth.spend(text, timestamptz) from public;
