create or replace function retail.compared_sales(
    spans retail.store_span[], previous_spans retail.store_span[]
)
returns table (
    store_id uuid,
    product_id uuid,
    line_count integer,
    units bigint,
    net_amount numeric,
    previous_net_amount numeric
)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_stores uuid[] := array(
        select s.store_id from unnest(compared_sales.spans) as s
        union
        select s.store_id from unnest(compared_sales.previous_spans) as s
    );
    v_day_stores uuid[];
    v_days date[];
    v_parts integer[];
    v_previous_parts integer[];
    v_open uuid[];
    v_open_from date[];
    v_open_to date[];
    v_open_parts integer[];
begin
    with asked as materialized (
        select
            s.store_id,
            s.from_date,
            least(s.to_date, o.sales_closed_until) as closed_until,
            greatest(s.from_date, o.sales_closed_until + 1) as open_from,
            s.to_date,
            s.part,
            s.previous_part
        from (
            select n.*, 1 as part, 0 as previous_part from unnest(compared_sales.spans) as n
            union all
            select b.*, 0, 1 from unnest(compared_sales.previous_spans) as b
        ) as s
        inner join retail.stores as o on s.store_id = o.store_id
    ),

    -- a day that both spans need is read once: what the one ends with, the other begins with
    days as (
        select
            a.store_id,
            c.sales_date,
            sum(c.sign * a.part)::integer as part,
            sum(c.sign * a.previous_part)::integer as previous_part
        from asked as a
        cross join lateral retail.year_to_date_terms(a.from_date, a.closed_until) as c
        group by a.store_id, c.sales_date
    )

    select
        (select array_agg(d.store_id) from days as d),
        (select array_agg(d.sales_date) from days as d),
        (select array_agg(d.part) from days as d),
        (select array_agg(d.previous_part) from days as d),
        (select array_agg(a.store_id) from asked as a),
        (select array_agg(a.open_from) from asked as a),
        (select array_agg(a.to_date) from asked as a),
        (select array_agg(a.part) from asked as a)
    into v_day_stores, v_days, v_parts, v_previous_parts, v_open, v_open_from, v_open_to, v_open_parts;

    return query
    select
        y.store_id,
        y.product_id,
        p.part * y.line_count,
        p.part * y.units,
        case p.part when 1 then y.net_amount when -1 then -y.net_amount end,
        case p.previous_part when 1 then y.net_amount when -1 then -y.net_amount end
    from retail.year_to_date_sales as y
    inner join unnest(v_day_stores, v_days, v_parts, v_previous_parts)
        as p (store_id, sales_date, part, previous_part)
        on y.store_id = p.store_id and y.sales_date = p.sales_date
    where y.store_id = any(v_stores);
    -- days that are not closed
    return query
    select
        d.store_id,
        d.product_id,
        p.part * d.line_count,
        p.part * d.units,
        case p.part when 1 then d.net_amount end,
        case p.part when 0 then d.net_amount end
    from retail.daily_sales as d
    inner join unnest(v_open, v_open_from, v_open_to, v_open_parts)
        as p (store_id, from_date, to_date, part)
        on d.store_id = p.store_id and d.sales_date between p.from_date and p.to_date
    where d.store_id = any(v_stores);
end
$$;
