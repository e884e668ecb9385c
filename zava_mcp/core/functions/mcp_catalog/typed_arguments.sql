create or replace function mcp_catalog.typed_arguments(
    parameters mcp_catalog.parameter [], texts jsonb
)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        coalesce(
            jsonb_object_agg(
                t.name,
                case
                    when p.json_type <> 'string' and pg_input_is_valid(t.value #>> '{}', 'jsonb')
                        then (t.value #>> '{}')::jsonb
                    else t.value
                end
            ), '{}'
        )
    from jsonb_each(typed_arguments.texts) as t (name, value)
    left join unnest(typed_arguments.parameters) as p on t.name = p.client_name
    -- programs send an empty text for what was left out
    where t.value <> '""' or p.is_required is not false;
end;

comment on function mcp_catalog.typed_arguments(mcp_catalog.parameter [], jsonb) is $comment$
Arguments that can only be texts, those of prompts and of URIs, as the JSON that a tool would get.

@param parameters  The parameters.
@param texts       {argument: text}.
@returns {argument: value}; a number or boolean where one is wanted and the text is one, an empty optional one left out.
$comment$;

alter function mcp_catalog.typed_arguments(mcp_catalog.parameter [], jsonb) owner to mcp_core;
revoke all on function mcp_catalog.typed_arguments(mcp_catalog.parameter [], jsonb) from public;
