create or replace function mcp_catalog.with_default(expression text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_value jsonb;
begin
    -- only a literal, with or without a cast: now() and the like are said in words
    if (
        expression ~ '^(''([^'']|'''')*''(?=::)|\(?-?[0-9.]+\)?|true|false)(::[a-z0-9_. ]+(\(\d+\))?(\[\])?)?$'
    ) is not true then
        return '{}';
    end if;
    execute format('select to_jsonb(%s)', expression) into v_value;
    return jsonb_build_object('default', v_value);
end
$$;

comment on function mcp_catalog.with_default(text) is $comment$
Return a part of a JSON Schema with an argument's default.

@param expression  The default as pg_get_function_arg_default gives it; null none.
@returns {"default": value} for a literal, {} for anything else.
$comment$;

alter function mcp_catalog.with_default(text) owner to mcp_core;
revoke all on function mcp_catalog.with_default(text) from public;
