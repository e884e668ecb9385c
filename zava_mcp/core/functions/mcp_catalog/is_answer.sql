create or replace function mcp_catalog.is_answer(answer jsonb, question jsonb)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with question as (
        select
            is_answer.question -> 'schema' as schema,
            coalesce(
                is_answer.question ->> 'method',
                case
                    when is_answer.answer ? 'action' then 'elicitation/create'
                    when is_answer.answer ? 'roots' then 'roots/list'
                    else 'sampling/createMessage'
                end
            ) as method
    )

    select
        coalesce(
            case q.method
                when 'roots/list' then jsonb_typeof(is_answer.answer -> 'roots') = 'array'
                when 'sampling/createMessage'
                    then (
                        is_answer.answer ? 'role'
                        and jsonb_typeof(is_answer.answer -> 'content') in ('object', 'array')
                    )
                when 'elicitation/create'
                    then case is_answer.answer ->> 'action'
                        when 'decline' then true
                        when 'cancel' then true
                        when 'accept'
                            then (
                                jsonb_typeof(is_answer.answer -> 'content') = 'object'
                                and mcp_catalog.fits_schema(is_answer.answer -> 'content', q.schema)
                            )
                    end
            end, false
        )
    from question as q;
end;

comment on function mcp_catalog.is_answer(jsonb, jsonb) is $comment$
Return whether an answer fits its question. If not, the question is asked again.

@param answer    The client's result object.
@param question  {"method", "schema"}; null when the client sent no state, so that it is not known what was asked.
@returns True or false.
$comment$;

alter function mcp_catalog.is_answer(jsonb, jsonb) owner to mcp_core;
revoke all on function mcp_catalog.is_answer(jsonb, jsonb) from public;
