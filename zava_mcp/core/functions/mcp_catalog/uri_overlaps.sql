create or replace function mcp_catalog.uri_overlaps(one text, other text)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with part as (
        select
            p.mine,
            p.theirs
        from
            unnest(
                string_to_array(uri_overlaps.one, '/'), string_to_array(uri_overlaps.other, '/')
            ) as p (mine, theirs)
    )

    select
        coalesce(bool_and(
            case
                when p.mine is null or p.theirs is null then false
                when p.mine !~ '\{' then p.mine ~ mcp_catalog.uri_pattern(p.theirs)
                when p.theirs !~ '\{' then p.theirs ~ mcp_catalog.uri_pattern(p.mine)
                -- both vary: what stands before the first variable and after the last must agree
                else (
                    starts_with(split_part(p.mine, '{', 1), split_part(p.theirs, '{', 1))
                    or starts_with(split_part(p.theirs, '{', 1), split_part(p.mine, '{', 1))
                ) and (
                    starts_with(
                        reverse(split_part(p.mine, '}', -1)), reverse(split_part(p.theirs, '}', -1))
                    )
                    or starts_with(
                        reverse(split_part(p.theirs, '}', -1)), reverse(split_part(p.mine, '}', -1))
                    )
                )
            end
        ), false)
    from part as p;
end;

comment on function mcp_catalog.uri_overlaps(text, text) is $comment$
Return whether two URI templates may match the same address. Compares the parts between slashes; true in doubt.

@param one    A template.
@param other  Another.
@returns True or false.
$comment$;

alter function mcp_catalog.uri_overlaps(text, text) owner to mcp_core;
revoke all on function mcp_catalog.uri_overlaps(text, text) from public;
