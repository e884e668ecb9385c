-- Without a set clause, which would keep the planner from inlining it; see retail.signed_sales.
create or replace function retail.year_to_date_terms(from_date date, to_date date)
returns table (sales_date date, sign integer)
language sql
immutable
security invoker
begin atomic
    select
        least((n.year + interval '1 year -1 day')::date, year_to_date_terms.to_date) as sales_date,
        1 as sign
    -- an array, of which the planner expects ten elements, and of a series a thousand
    from
        unnest(
            array(
                select y.year
                from
                    generate_series(
                        date_trunc('year', year_to_date_terms.from_date::timestamp),
                        year_to_date_terms.to_date::timestamp,
                        interval '1 year'
                    ) as y (year)
            )
        ) as n (year)
    where year_to_date_terms.from_date <= year_to_date_terms.to_date
    union all
    select
        year_to_date_terms.from_date - 1,
        -1
    where
        year_to_date_terms.from_date <= year_to_date_terms.to_date
        and extract(doy from year_to_date_terms.from_date) > 1;
end;

comment on function retail.year_to_date_terms(date, date) is $comment$
Return the days whose sums in retail.year_to_date_sales make up a span of closed days: the end of each year, minus the
day before the span.

@param from_date  First day.
@param to_date    Last day; null, or before the first, for no day.
@returns Days, and 1 for those to add, -1 for those to take away.
$comment$;

alter function retail.year_to_date_terms(date, date) owner to mcp_tools;
revoke all on function retail.year_to_date_terms(date, date) from public;
