create or replace function mcp_catalog.confirmation(
    tool mcp_catalog.tools, arguments jsonb, request jsonb
)
returns mcp_tool.result
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_answer jsonb;
begin
    -- without capabilities there is no client: it is somebody in psql
    if tool.asks_first is not true or arguments -> 'dry_run' = 'true' or not request ? 'capabilities' then
        return null;
    end if;
    if not mcp_tool.client_supports('elicitation') then
        if jsonb_typeof(arguments -> 'dry_run') is distinct from 'boolean' and exists (select from unnest(tool.parameters) as p where p.name = 'dry_run') then
            perform mcp_tool.invalid(
                'dry_run', 'true to try it out, or false to do it: this client cannot ask its user to confirm'
            );
        end if;
        return null;
    end if;
    -- trusted only from a client that was asked, which its state shows
    if request ? 'state' then
        v_answer := mcp_tool.answer('confirm');
    end if;
    if v_answer is null then
        return mcp_tool.ask(
            'confirm',
            format(E'%s?\n%s', tool.title, mcp_catalog.shown_arguments(arguments)),
            '{
                "type": "object",
                "properties": {"confirm": {"type": "boolean", "title": "Do it"}},
                "required": ["confirm"]
            }'
        );
    end if;
    if v_answer #> '{content,confirm}' is distinct from 'true' then
        raise insufficient_privilege using
            message = 'the user did not confirm',
            hint = 'The user did not confirm: nothing was done.';
    end if;
    return null;
end
$$;

comment on function mcp_catalog.confirmation(mcp_catalog.tools, jsonb, jsonb) is $comment$
Ask the user before a tool that is tagged destructive runs.

A call with dry_run true changes nothing and is not asked about. Where the client cannot ask, a tool that has a dry_run
wants it said; one that has none runs, since the client knows its destructiveHint. An answer counts with the state of its question
alone.

@param tool       The catalogue's row.
@param arguments  What the client sent.
@param request    What came with the call; without "capabilities" nobody is asked.
@returns The question; null when the tool may run.
@error AUTHORIZATION_ERROR The user was asked and did not confirm.
@error VALIDATION_ERROR The user cannot be asked, and the call does not say whether it is a dry run.
$comment$;

alter function mcp_catalog.confirmation(mcp_catalog.tools, jsonb, jsonb) owner to mcp_core;
revoke all on function mcp_catalog.confirmation(mcp_catalog.tools, jsonb, jsonb) from public;
