create or replace function retail.category_named(category text)
returns uuid
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_category uuid;
begin
    if category_named.category is null then
        return null;
    end if;
    select c.category_id into v_category
    from retail.categories as c
    where lower(c.name) = lower(btrim(category_named.category));
    if not found then
        perform mcp_tool.invalid('category', (
            -- where there are none
            select coalesce('one of ' || string_agg(c.name, ', ' order by c.name), 'the name of a category')
            from retail.categories as c
        ));
    end if;
    return v_category;
end
$$;

comment on function retail.category_named(text) is $comment$
Return the category that a tool is asked about.

@param category  Its name, in capital letters or not; null none.
@returns Its id; null for null.
@error VALIDATION_ERROR There is no such category; the message names them all.
$comment$;

alter function retail.category_named(text) owner to mcp_tools;
revoke all on function retail.category_named(text) from public;
