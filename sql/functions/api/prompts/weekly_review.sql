create or replace function api.weekly_review(store text default null)
returns setof mcp_tool.prompt_message
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_stores uuid[] := retail.named_stores(store);
    v_figures jsonb;
begin
    select coalesce(jsonb_agg(f.figures order by f.name), '[]')
    into v_figures
    from (
        select
            s.name,
            jsonb_build_object(
                'store', s.name,
                'from', t.today - 7,
                'to', t.today - 1,
                'revenue', coalesce(sum(d.net_amount) filter (where d.sales_date >= t.today - 7), 0.00),
                'revenue_week_before', coalesce(sum(d.net_amount) filter (where d.sales_date < t.today - 7), 0.00),
                'units', coalesce(sum(d.units) filter (where d.sales_date >= t.today - 7), 0),
                'units_week_before', coalesce(sum(d.units) filter (where d.sales_date < t.today - 7), 0)
            ) as figures
        from retail.stores as s
        cross join lateral (select (now() at time zone s.time_zone)::date) as t (today)
        left join retail.daily_totals as d
            on d.store_id = s.store_id and d.sales_date between t.today - 14 and t.today - 1
        where s.store_id = any (v_stores)
        group by s.store_id, s.name, t.today
    ) as f;
    return query
    select m.*
    from mcp_tool.message(
        'user',
        mcp_tool.text(
            'Write the weekly review of the stores below, for their manager, in at most 300 words. Start with the '
            'total and its change against the week before, then name what stands out by store. Find the reasons with '
            'get_top_products, get_category_performance, get_daily_sales and get_inventory_status. End with three '
            'things to do. Amounts are US dollars; show names, no ids.'
        )
        || mcp_tool.text(jsonb_pretty(v_figures))
    ) as m;
end
$$;

comment on function api.weekly_review(text) is $comment$
Review the last seven days of your stores, with what to do next.

@param store  Name of a store; without it all you may see.
@returns The task, and the figures of the seven days before today and of the seven before those.
@error VALIDATION_ERROR The store is outside your scope.
@prompt title="Weekly review"
$comment$;

alter function api.weekly_review(text) owner to mcp_tools;
revoke all on function api.weekly_review(text) from public;
grant execute on function api.weekly_review(text)
to mcp_core, store_managers, regional_managers, head_office;
