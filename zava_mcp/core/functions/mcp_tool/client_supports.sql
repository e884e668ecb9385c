create or replace function mcp_tool.client_supports(capability text)
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
            -> client_supports.capability as capability
    ) as c;
end;

comment on function mcp_tool.client_supports(text) is $comment$
Return whether the client of this call can be asked.

@param capability  elicitation for mcp_tool.ask, sampling for mcp_tool.sample, roots for mcp_tool.roots.
@returns False too where nobody said, as in psql.
$comment$;

alter function mcp_tool.client_supports(text) owner to mcp_core;
revoke all on function mcp_tool.client_supports(text) from public;
grant execute on function mcp_tool.client_supports(text) to mcp_tools;
