create or replace function mcp_catalog.picture(function oid)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with ui as (
        select
            p.proretset,
            -- the rows of a free query bring their own columns
            r.oid = 'mcp_tool.query_result'::regtype as is_free,
            mcp_catalog.parse_ui(c.parsed -> 'ui') as lines,
            -- tells rows apart that are equal before it
            substring(c.parsed #>> '{tags,page_key}' from '[^,]*$') as tie
        from pg_catalog.pg_proc as p
        cross join lateral mcp_catalog.base_type(p.prorettype) as r
        cross join mcp_catalog.parse_comment(obj_description(p.oid, 'pg_proc')) as c (parsed)
        where p.oid = picture.function
    ),

    shape as (
        select
            jsonb_agg(
                jsonb_strip_nulls(
                    jsonb_build_object(
                        'name', c.name, 'kind', c.kind, 'description', c.description
                    )
                )
                order by c.ordinal
            ) as columns,
            (array_agg(c.name order by c.ordinal) filter (
                where c.kind in ('date', 'time')
            ))[1] as moment,
            (array_agg(c.name order by c.ordinal) filter (where c.kind = 'text'))[1] as category,
            -- the number of an id is no amount
            (array_agg(c.name order by c.ordinal) filter (
                where
                c.kind = 'number' and c.name is distinct from u.tie
                and c.name !~ '(^|_)(id|Id|ID)$|[a-z0-9](Id|ID)$'
            ))[1] as amount
        from mcp_catalog.result_columns(picture.function) as c
        cross join ui as u
    ),

    chosen as (
        select
            u.lines,
            case when u.is_free then '[]' else s.columns end as columns,
            s.moment,
            s.category,
            s.amount,
            coalesce(u.lines ->> 'kind', case
                when u.is_free then 'table'
                when not u.proretset then 'figures'
                when s.moment is not null and s.amount is not null then 'line'
                when s.category is not null and s.amount is not null then 'bar'
                else 'table'
            end) as kind
        from ui as u
        cross join shape as s
        where s.columns is not null
    )

    select
        jsonb_strip_nulls(
            jsonb_build_object(
                'kind', c.kind,
                'x',
                coalesce(
                    c.lines ->> 'x',
                    case c.kind when 'line' then c.moment when 'bar' then c.category end
                ),
                'y',
                coalesce(
                    c.lines -> 'y',
                    case
                        when c.kind in ('line', 'bar') then jsonb_build_array(c.amount)
                    end
                ),
                -- with a category beside the date, one line each
                'by',
                coalesce(
                    c.lines ->> 'by',
                    case when c.kind = 'line' and not c.lines ? 'y' then c.category end
                ),
                'page', c.lines ->> 'page',
                'columns', c.columns,
                'links', nullif(c.lines -> 'links', '[]')
            )
        )
    from chosen as c
    where c.kind <> 'none';
end;

comment on function mcp_catalog.picture(oid) is $comment$
Return how the result of a tool is drawn: as its @ui line says, else by the types of its columns. A date or timestamp
and a number make lines, one a value of the first text column; a text and a number make bars; one row makes figures;
all else a table. The number is the first that is no id: its name is not id or x_id, and it does not end the page_key.

@param function  The function.
@returns {"kind": "line", "bar", "figures" or "table", "x", "y": [columns], "by", "page", "columns": [{"name", "kind",
"description"}], "links": [{"column", "tool", "arguments": {argument: column}}]}; null for what has no columns, and for
@ui none. The columns of a free query are [], since each query has its own.
$comment$;

alter function mcp_catalog.picture(oid) owner to mcp_core;
revoke all on function mcp_catalog.picture(oid) from public;
