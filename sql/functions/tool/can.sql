create or replace function tool.can(capability text)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        coalesce(
            c.capability is not null
            -- an elicitation that only opens addresses asks no questions
            and (c.capability ? 'form' or not c.capability ? 'url'),
            false
        )
    from (
        select
            nullif(current_setting('app.capabilities', true), '')::jsonb
            -> can.capability as capability
    ) as c;
end;

comment on function tool.can(text) is $comment$
Whether the client of this call can be asked.

@param capability  elicitation for tool.ask, sampling for tool.sample, roots for tool.roots.
@returns False too where nobody said, as in psql.
$comment$;

alter function tool.can(text) owner to zava_auth;
revoke all on function tool.can(text) from public;
grant execute on function tool.can(text) to zava_tools;
