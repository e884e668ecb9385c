-- The schema of functions for the official conformance suite: tools, resources and prompts whose
-- names and answers the suite prescribes. For a scratch database alone; run the files of this
-- folder in one session, in the order of their names.
create schema conformance;
comment on schema conformance is 'What the conformance suite of MCP calls.';
grant usage on schema conformance to mcp_core, mcp_tools;
insert into mcp_catalog.exposed_schemas (schema) values ('conformance');

-- what tools may not call themselves
create schema conformance_help;
grant usage on schema conformance_help to mcp_tools;
create function conformance_help.pause(seconds double precision)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select pg_sleep(pause.seconds);
end;
grant execute on function conformance_help.pause(double precision) to mcp_tools;

create function conformance_help.picture()
returns bytea
language sql
immutable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        decode(
            'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAA'
            || 'AElFTkSuQmCC', 'base64'
        );
end;
grant execute on function conformance_help.picture() to mcp_tools;

-- comment, owner and grants of a function, as a file under sql/functions states them
create function pg_temp.offer(function text, description text)
returns void
language plpgsql
as $$
declare
    v_audience name;
begin
    execute format('comment on function conformance.%s is %L', function, description);
    execute 'grant create on schema conformance to mcp_tools';
    execute format('alter function conformance.%s owner to mcp_tools', function);
    execute 'revoke create on schema conformance from mcp_tools';
    execute format('revoke all on function conformance.%s from public', function);
    execute format('grant execute on function conformance.%s to mcp_core', function);
    for v_audience in select a.audience from mcp_auth.audiences as a loop
        execute format('grant execute on function conformance.%s to %I', function, v_audience);
    end loop;
end
$$;
