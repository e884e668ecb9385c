create or replace function mcp_catalog.answer_is_valid(answer jsonb, question jsonb)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with question as (
        select
            answer_is_valid.question -> 'schema' as schema,
            coalesce(
                answer_is_valid.question ->> 'method',
                case
                    when answer_is_valid.answer ? 'action' then 'elicitation/create'
                    when answer_is_valid.answer ? 'roots' then 'roots/list'
                    else 'sampling/createMessage'
                end
            ) as method
    )

    select
        coalesce(
            case q.method
                when 'roots/list' then jsonb_typeof(answer_is_valid.answer -> 'roots') = 'array'
                when 'sampling/createMessage'
                    then (
                        answer_is_valid.answer ? 'role'
                        and jsonb_typeof(answer_is_valid.answer -> 'content') in ('object', 'array')
                    )
                when 'elicitation/create'
                    then case answer_is_valid.answer ->> 'action'
                        when 'decline' then true
                        when 'cancel' then true
                        when 'accept'
                            then (
                                jsonb_typeof(answer_is_valid.answer -> 'content') = 'object'
                                and mcp_catalog.fits_schema(
                                    answer_is_valid.answer -> 'content', q.schema
                                )
                            )
                    end
            end, false
        )
    from question as q;
end;

comment on function mcp_catalog.answer_is_valid(jsonb, jsonb) is $comment$
Return whether an answer fits its question. If not, the question is asked again.

@param answer    The client's result object.
@param question  {"method", "schema"}; null when the client sent no state, so that it is not known what was asked.
@returns True or false.
$comment$;

alter function mcp_catalog.answer_is_valid(jsonb, jsonb) owner to mcp_core;
revoke all on function mcp_catalog.answer_is_valid(jsonb, jsonb) from public;
