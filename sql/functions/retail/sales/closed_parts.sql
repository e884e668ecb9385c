-- Without a set clause, which would keep the planner from inlining it; see retail.sold_parts.
create or replace function retail.closed_parts(from_date date, to_date date)
returns table (sales_date date, sign integer)
language sql
immutable
security invoker
begin atomic
    select
        least((n.year + interval '1 year -1 day')::date, closed_parts.to_date) as sales_date,
        1 as sign
    -- an array, of which the planner expects ten elements, and of a series a thousand
    from
        unnest(
            array(
                select y.year
                from
                    generate_series(
                        date_trunc('year', closed_parts.from_date::timestamp),
                        closed_parts.to_date::timestamp,
                        interval '1 year'
                    ) as y (year)
            )
        ) as n (year)
    where closed_parts.from_date <= closed_parts.to_date
    union all
    select
        closed_parts.from_date - 1,
        -1
    where
        closed_parts.from_date <= closed_parts.to_date
        and extract(doy from closed_parts.from_date) > 1;
end;

comment on function retail.closed_parts(date, date) is $comment$
The days whose sums in retail.year_to_date_sales make up a span of closed days: the last one and whole years before it,
without what the first year had reached before the span.

@param from_date  First day.
@param to_date    Last day; null, or before the first, for no day.
@returns Days, and 1 for those to add, -1 for those to take away.
$comment$;

alter function retail.closed_parts(date, date) owner to mcp_tools;
revoke all on function retail.closed_parts(date, date) from public;
