create or replace function mcp_catalog.unknown_resource(uri text)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    raise undefined_function using
        message = format('unknown resource: %s', mcp_catalog.visible(left(uri, 200))),
        constraint = 'unknown_resource';
end
$$;

comment on function mcp_catalog.unknown_resource(text) is $comment$
Raise the error of an unknown resource. It is the same if the resource does not exist, is hidden, or belongs to rows
that the caller may not see.

@param uri  What was asked for.
@error NOT_FOUND Always.
$comment$;

alter function mcp_catalog.unknown_resource(text) owner to mcp_core;
revoke all on function mcp_catalog.unknown_resource(text) from public;
