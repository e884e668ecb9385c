create or replace function mcp_log.seal_head(seal mcp_log.call_log_seals)
returns text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        mcp_auth.sign(
            'call_log',
            concat_ws(
                '|',
                seal.seal_id,
                seal.kind,
                seal.day - date '2000-01-01',
                encode(seal.contents, 'hex'),
                extract(epoch from seal.sealed_at),
                seal.previous
            )
        );
end;

comment on function mcp_log.seal_head(mcp_log.call_log_seals) is $comment$
Return the HMAC-SHA256 of an entry of the chain: its place, its contents and the head before it.

@param seal  The entry; its own head is ignored.
@returns 64 hexadecimal digits.
$comment$;

alter function mcp_log.seal_head(mcp_log.call_log_seals) owner to mcp_core;
revoke all on function mcp_log.seal_head(mcp_log.call_log_seals) from public;
