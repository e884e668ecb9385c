create or replace function mcp_catalog.sign_bits(vector real [])
returns bit varying
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        -- a cast pads with zeros
        string_agg(
            case when n.number > 0 then '1' else '0' end, '' order by n.position
        )::bit varying::bit(1536)::bit varying
    from unnest(sign_bits.vector) with ordinality as n (number, position);
end;

comment on function mcp_catalog.sign_bits(real []) is $comment$
Return the signs of a vector's numbers as bits. Of vectors that point the same way few differ, and PostgreSQL counts
them fast.

@param vector  The vector, of at most 1536 numbers.
@returns 1536 bits, 1 for a positive number; null for an empty vector.
$comment$;

alter function mcp_catalog.sign_bits(real []) owner to mcp_core;
revoke all on function mcp_catalog.sign_bits(real []) from public;
