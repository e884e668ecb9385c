create or replace function mcp_catalog.picture_refusals(function oid)
returns setof text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_comment jsonb := mcp_catalog.parse_comment(obj_description(function, 'pg_proc'));
    v_ui jsonb := mcp_catalog.parse_ui(v_comment -> 'ui');
    v_picture jsonb;
begin
    if v_comment -> 'ui' = '[]' then
        return;
    end if;
    if v_comment -> 'kinds' ?| array['resource', 'prompt', 'skill', 'completes'] then
        return next '@ui is for tools';
        return;
    end if;
    return query
    select format(
        '@ui %s cannot be read: write one of line, bar, figures, table and none, with x=column, y=column,column and by=column; '
        'link column -> tool(argument); or page name', u
    )
    from jsonb_array_elements_text(v_ui -> 'unknown') as u;
    if not exists (select from mcp_catalog.result_columns(function)) then
        return next '@ui needs a result with columns: use returns table, or a composite type';
        return;
    end if;
    return query
    select format('@ui %s=%s is no column of the result: use one of %s', n.option, n.name, c.names)
    from (
        select
            o.option,
            v_ui ->> o.option as name
        from unnest(array['x', 'by']) as o (option)
        union all
        select
            'y',
            y.name
        from jsonb_array_elements_text(v_ui -> 'y') as y (name)
        union all
        select
            'link',
            l.link ->> 'column'
        from jsonb_array_elements(v_ui -> 'links') as l (link)
        union all
        select
            'link',
            a.name
        from jsonb_array_elements(v_ui -> 'links') as l (link)
        cross join jsonb_each_text(l.link -> 'arguments') as a (argument, name)
    ) as n
    cross join (
        select string_agg(r.name, ', ' order by r.ordinal) as names
        from mcp_catalog.result_columns(function) as r
    ) as c
    where n.name is not null and n.name not in (select r.name from mcp_catalog.result_columns(function) as r);
    v_picture := mcp_catalog.picture(function);
    return query
    select format('@ui %s needs %s=, %s column of the result', v_picture ->> 'kind', n.option, n.kinds)
    from (
        values
        ('line', 'x', 'a date or timestamp', array['date', 'time']),
        ('line', 'y', 'a number', array['number']),
        ('bar', 'x', 'a text, date or timestamp', array['text', 'date', 'time']),
        ('bar', 'y', 'a number', array['number'])
    ) as n (picture, option, kinds, allowed)
    where n.picture = v_picture ->> 'kind'
        and exists (
            select
            from jsonb_path_query(v_picture -> n.option, 'lax $[*]') as o (name)
            left join mcp_catalog.result_columns(function) as r on r.name = o.name #>> '{}'
            where o.name = 'null' or r.kind <> all (n.allowed)
            union all
            select where v_picture -> n.option is null
        );
    return query
    select format('@ui link names %s, which is no function that is offered', l.link ->> 'tool')
    from jsonb_array_elements(v_ui -> 'links') as l (link)
    where not exists (
        select
        from mcp_catalog.exposed_functions() as e (oid)
        join pg_proc as p on p.oid = e.oid
        where p.proname = l.link ->> 'tool'
    );
    return query
    select format('@ui link: %s is no argument of %s', a.argument, p.proname)
    from jsonb_array_elements(v_ui -> 'links') as l (link)
    cross join jsonb_object_keys(l.link -> 'arguments') as a (argument)
    cross join mcp_catalog.exposed_functions() as e (oid)
    join pg_proc as p on p.oid = e.oid and p.proname = l.link ->> 'tool'
    where not exists (
        select from unnest(mcp_catalog.tool_parameters(p.oid)) as t where t.client_name = a.argument
    );
end
$$;

comment on function mcp_catalog.picture_refusals(oid) is $comment$
List faults of a function's @ui lines: they do not fit its columns, or link to something unknown.

@param function  The function.
@returns One sentence a reason, each with what to change; no row for a function without @ui.
$comment$;

alter function mcp_catalog.picture_refusals(oid) owner to mcp_core;
revoke all on function mcp_catalog.picture_refusals(oid) from public;
