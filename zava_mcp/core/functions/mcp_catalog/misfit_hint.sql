create or replace function mcp_catalog.misfit_hint(value jsonb, json_type text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case
            when jsonb_typeof(misfit_hint.value) = misfit_hint.json_type then null
            when
                jsonb_typeof(misfit_hint.value) = 'number' and misfit_hint.json_type = 'integer'
                then
                    case
                        when misfit_hint.value::numeric % 1 <> 0
                            then format(
                                '%s has a fraction: send a whole number.',
                                left(misfit_hint.value::text, 40)
                            )
                    end
            when
                jsonb_typeof(misfit_hint.value) = 'string'
                and (
                    misfit_hint.json_type in ('number', 'integer')
                    and misfit_hint.value #>> '{}' ~ '^-?[0-9]+([.][0-9]+)?$'
                    or misfit_hint.json_type = 'boolean'
                    and misfit_hint.value #>> '{}' in ('true', 'false')
                )
                then format('Send %s without quotes.', left(misfit_hint.value #>> '{}', 40))
            when
                jsonb_typeof(misfit_hint.value) = 'string'
                and misfit_hint.json_type in ('array', 'object')
                then format(
                    'Send the %s itself, not a text that holds it.', misfit_hint.json_type
                )
            when
                misfit_hint.json_type = 'string'
                and jsonb_typeof(misfit_hint.value) in ('number', 'boolean')
                then format('Send %s in quotes.', left(misfit_hint.value::text, 40))
            when misfit_hint.json_type = 'array' and jsonb_typeof(misfit_hint.value) <> 'null'
                then 'Send an array, also of one.'
        end;
end;

comment on function mcp_catalog.misfit_hint(jsonb, text) is $comment$
Return how to send a value that has a wrong JSON type.

@param value      What was sent.
@param json_type  A type of JSON Schema; null any.
@returns A sentence; null where the type is right, or nothing more can be said.
$comment$;

alter function mcp_catalog.misfit_hint(jsonb, text) owner to mcp_core;
revoke all on function mcp_catalog.misfit_hint(jsonb, text) from public;
