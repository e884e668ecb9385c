create or replace function mcp_catalog.brief_arguments(schema jsonb, is_paged boolean default false)
returns jsonb
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case
            -- a tool without arguments says that there are none
            when brief_arguments.schema -> 'properties' = '{}' then brief_arguments.schema
            else brief_arguments.schema - 'additionalProperties' || jsonb_build_object(
                'properties', (
                    select
                        jsonb_object_agg(
                            p.key,
                            case
                                when brief_arguments.is_paged and p.key in ('page_size', 'cursor')
                                    then p.value - '{description,minimum,maximum}'::text []
                                else
                                    p.value
                                    - case
                                        when p.value -> 'minimum' in ('-2147483648', '-32768')
                                            then 'minimum'
                                        else ''
                                    end
                                    - case
                                        when p.value -> 'maximum' in ('2147483647', '32767')
                                            then 'maximum'
                                        else ''
                                    end
                            end
                        )
                    from jsonb_each(brief_arguments.schema -> 'properties') as p
                )
            )
        end
        - case when brief_arguments.schema -> 'required' = '[]' then 'required' else '' end;
end;

comment on function mcp_catalog.brief_arguments(jsonb, boolean) is $comment$
Return the input schema of a tool as tools/list has it, without what no caller needs to be told: additionalProperties,
since an unknown argument is refused by its name, the bounds that a type of integers has by itself, and what page_size
and cursor are.

@param schema    The schema that mcp_catalog.describe_tool makes of the arguments.
@param is_paged  Whether the tool gives pages: page_size and cursor are the same in all of these.
@returns The schema. It admits what the whole schema admits, and more.
$comment$;

alter function mcp_catalog.brief_arguments(jsonb, boolean) owner to mcp_core;
revoke all on function mcp_catalog.brief_arguments(jsonb, boolean) from public;
