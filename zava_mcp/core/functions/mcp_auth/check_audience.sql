create or replace function mcp_auth.check_audience(audience name)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_audiences text := (select string_agg(a.audience, ', ' order by a.audience) from mcp_auth.audiences as a);
begin
    if not exists (select from mcp_auth.audiences as a where a.audience = check_audience.audience) then
        raise foreign_key_violation using
            message = format('there is no audience "%s"', check_audience.audience),
            hint = coalesce(
                format('The audiences are: %s.', v_audiences), 'zava-mcp audience add NAME makes the first.'
            ),
            column = 'audience';
    end if;
end
$$;

comment on function mcp_auth.check_audience(name) is $comment$
Raise an error that lists the audiences, unless this is one.

@param audience  Name of the audience.
@error CONFLICT There is no such audience.
$comment$;

alter function mcp_auth.check_audience(name) owner to mcp_core;
revoke all on function mcp_auth.check_audience(name) from public;
