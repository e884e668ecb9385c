create or replace function mcp_log.add_seal(
    kind text, day date, log_ids uuid[], row_digests bytea[]
)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_seal mcp_log.call_log_seals;
begin
    select h.seal_id + 1, h.head
    into v_seal.seal_id, v_seal.previous
    from mcp_log.call_log_head as h
    for update;
    v_seal.kind := add_seal.kind;
    v_seal.day := add_seal.day;
    v_seal.log_ids := add_seal.log_ids;
    v_seal.row_digests := add_seal.row_digests;
    v_seal.contents := mcp_log.seal_contents(log_ids, row_digests);
    v_seal.sealed_at := clock_timestamp();
    v_seal.head := mcp_log.seal_head(v_seal);
    insert into mcp_log.call_log_seals select v_seal.*;
    update mcp_log.call_log_head set seal_id = v_seal.seal_id, head = v_seal.head;
    -- for the record outside of this database: a change of the chain does not reach it
    raise log 'call log: seal %, % of %, % rows, head %',
        v_seal.seal_id, v_seal.kind, v_seal.day, coalesce(cardinality(log_ids), 0), v_seal.head;
end
$$;

comment on function mcp_log.add_seal(text, date, uuid [], bytea []) is $comment$
Append an entry to the chain over the call log, and write its head to the server log.

@param kind         rows or drop.
@param day          Day of the rows, or before which days were dropped.
@param log_ids      The rows; null for a drop.
@param row_digests  The digest of each, in the same order.
$comment$;

alter function mcp_log.add_seal(text, date, uuid [], bytea []) owner to mcp_core;
revoke all on function mcp_log.add_seal(text, date, uuid [], bytea []) from public;
