create or replace function NAME_demo.create_keys()
returns jsonb
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_build_object(
        'north', mcp_auth.create_api_key(mcp_auth.find_user('Demo north'), 'demo'),
        'south', mcp_auth.create_api_key(mcp_auth.find_user('Demo south'), 'demo')
    );
end;

comment on function NAME_demo.create_keys() is $comment$
Create an API key for each of the demo's users, for zava-mcp dev.

@returns {"north": key, "south": key}.
$comment$;
revoke all on function NAME_demo.create_keys() from public;
