create or replace function retail.signed_sales(spans retail.store_span[])
returns table (
    store_id uuid,
    product_id uuid,
    line_count integer,
    units bigint,
    net_amount numeric
)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_stores uuid[] := array(select s.store_id from unnest(signed_sales.spans) as s);
    v_parts uuid[];
    v_days date[];
    v_signs integer[];
    v_open uuid[];
    v_open_from date[];
    v_open_to date[];
begin
    -- where it begins and ends, before the tables of the stores are asked
    select array_agg(p.store_id), array_agg(c.sales_date), array_agg(c.sign)
    into v_parts, v_days, v_signs
    from (
        select s.store_id, s.from_date, least(s.to_date, o.sales_closed_until) as closed_until
        from unnest(signed_sales.spans) as s
        inner join retail.stores as o on s.store_id = o.store_id
    ) as p
    cross join lateral retail.year_to_date_terms(p.from_date, p.closed_until) as c;
    select
        array_agg(s.store_id),
        array_agg(greatest(s.from_date, o.sales_closed_until + 1)),
        array_agg(s.to_date)
    into v_open, v_open_from, v_open_to
    from unnest(signed_sales.spans) as s
    inner join retail.stores as o on s.store_id = o.store_id;

    return query
    select
        y.store_id, y.product_id, p.sign * y.line_count, p.sign * y.units,
        case p.sign when 1 then y.net_amount else -y.net_amount end
    from retail.year_to_date_sales as y
    inner join unnest(v_parts, v_days, v_signs) as p (store_id, sales_date, sign)
        on y.store_id = p.store_id and y.sales_date = p.sales_date
    where y.store_id = any(v_stores);
    -- days that are not closed
    return query
    select d.store_id, d.product_id, d.line_count, d.units, d.net_amount
    from retail.daily_sales as d
    inner join unnest(v_open, v_open_from, v_open_to) as p (store_id, from_date, to_date)
        on d.store_id = p.store_id and d.sales_date between p.from_date and p.to_date
    where d.store_id = any(v_stores);
end
$$;
