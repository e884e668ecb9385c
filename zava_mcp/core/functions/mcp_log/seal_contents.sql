create or replace function mcp_log.seal_contents(log_ids uuid[], row_digests bytea[])
returns bytea
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        sha256(
            coalesce(string_agg(uuid_send(r.log_id) || r.digest, ''::bytea order by r.position), '')
        )
    from unnest(log_ids, row_digests) with ordinality as r (log_id, digest, position);
end;

comment on function mcp_log.seal_contents(uuid [], bytea []) is $comment$
Return the SHA-256 over the rows of a seal.

@param log_ids      The rows.
@param row_digests  The digest of each, in the same order.
@returns 32 bytes; those of no rows when there are none.
$comment$;

alter function mcp_log.seal_contents(uuid [], bytea []) owner to mcp_core;
revoke all on function mcp_log.seal_contents(uuid [], bytea []) from public;
