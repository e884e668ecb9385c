create or replace function mcp_log.export_room(identity mcp_auth.identity, more bigint default 0)
returns bigint
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_limits jsonb := mcp_auth.limits_of(identity.audience);
    v_count bigint;
    v_bytes bigint;
begin
    select
        count(*),
        coalesce(sum(e.bytes), 0)
    into v_count, v_bytes
    from mcp_log.exports as e
    where e.user_id = identity.user_id and e.sha256 is not null and e.expires_at > clock_timestamp();
    if v_count >= (v_limits ->> 'exports')::bigint then
        raise configuration_limit_exceeded using
            message = format('No more than %s exports of yours may be kept at once.', v_limits ->> 'exports'),
            hint = 'Wait until some of them have expired.';
    end if;
    if v_bytes + more >= (v_limits ->> 'export_bytes')::bigint then
        raise configuration_limit_exceeded using
            message = format(
                'Your exports may have %s bytes together, and have %s already.', v_limits ->> 'export_bytes', v_bytes
            ),
            hint = 'Export less, or wait until some of them have expired.';
    end if;
    return (v_limits ->> 'export_bytes')::bigint - v_bytes;
end
$$;

comment on function mcp_log.export_room(mcp_auth.identity, bigint) is $comment$
Say how many bytes a caller may still export.

@param identity  Who asks.
@param more      Bytes that there are besides.
@returns Bytes.
@error CONFLICT There are as many exports or bytes as there may be.
$comment$;

alter function mcp_log.export_room(mcp_auth.identity, bigint) owner to mcp_core;
revoke all on function mcp_log.export_room(mcp_auth.identity, bigint) from public;
