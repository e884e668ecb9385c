-- Without a set clause, which would keep the planner from inlining it, as in
-- retail_demo.uniform.
create or replace function retail_demo.uuid(moment timestamptz, key text)
returns uuid
language sql
immutable
strict
parallel safe
security invoker
begin atomic
    -- 48 bits of milliseconds, version 7 and 12 bits, variant 2 and 62 bits
    select (
        right(
            '00000000000' || to_hex(
                floor(
                    extract(epoch from uuid.moment - timestamptz '1970-01-01 00:00:00+00')
                    * 1000
                )::bigint
            ),
            12
        )
        || to_hex((hashtextextended(uuid.key, 0) & 4095) | 28672)
        || to_hex(
            (hashtextextended(uuid.key, 1) & ((1::bigint << 62) - 1)) | (1::bigint << 63)
        )
    )::uuid;
end;

comment on function retail_demo.uuid(timestamptz, text) is $comment$
Return a UUID of version 7 that is always the same for the same arguments.

@param moment  The moment it carries, to the millisecond: later ones sort after it.
@param key     What it identifies; all other bits are a hash of it.
@returns The UUID.
$comment$;

alter function retail_demo.uuid(timestamptz, text) owner to zava_owner;
revoke all on function retail_demo.uuid(timestamptz, text) from public;
