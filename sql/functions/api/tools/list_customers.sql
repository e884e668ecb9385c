create or replace function api.list_customers(
    segment retail.customer_segment default null,
    time_period retail.time_period default 'last_12_months',
    from_date retail.business_day default null,
    to_date retail.business_day default null,
    page_size mcp_tool.page_size default 20,
    cursor mcp_tool.cursor default null
)
returns setof retail.customer_contact
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- before the query, so that a bad question is refused whatever the plan
    v_asked retail.report_period := retail.resolve_period(
        null, list_customers.time_period, list_customers.from_date, list_customers.to_date
    );
begin
    return query
    select
        c.customer_id,
        c.first_name || ' ' || c.last_name as name,
        c.email::text,
        c.phone,
        a.segment,
        a.is_new,
        a.orders,
        a.revenue,
        a.last_order_date
    from retail.customer_activity(v_asked.spans) as a
    -- row-level security shows a customer to the manager of the store alone
    inner join retail.customers as c on a.store_id = c.store_id and a.customer_id = c.customer_id
    where (list_customers.segment is null or a.segment = list_customers.segment)
        and (
            list_customers.cursor is null
            or (-a.revenue, c.customer_id) > (
                -(list_customers.cursor ->> 'revenue')::numeric, (list_customers.cursor ->> 'customer_id')::uuid
            )
        )
    order by a.revenue desc, c.customer_id
    limit list_customers.page_size + 1;
end
$$;

comment on function api.list_customers(
    retail.customer_segment, retail.time_period, retail.business_day, retail.business_day,
    mcp_tool.page_size, mcp_tool.cursor
) is $comment$
The customers of your store by name, with e-mail and phone, those who spent most first.

Use it to contact, call, write to or invite people, and for who the best buyers, the regulars or the ones that stay away are.
The segments are those of get_customer_analysis.

@param segment      Only this segment; null all.
@param time_period  (Named period.)
@param from_date    (Instead of time_period.)
@param to_date      (Null: today.)
@param page_size    Customers a page.
@param cursor       The last next_cursor.
@returns One row a customer who bought in the period. US dollars.
@error VALIDATION_ERROR from_date is after to_date or today, or the cursor is of another question.
@example "list of clients to invite to our anniversary" -> list_customers()
@example "contact data of our best customers" -> list_customers()
@example "Which people spent most?" -> list_customers()
@tool title="Customers" group=customers,counter,core timeout=15s export=csv,jsonl page_key=revenue,customer_id
@ui table
$comment$;

alter function api.list_customers(
    retail.customer_segment, retail.time_period, retail.business_day, retail.business_day,
    mcp_tool.page_size, mcp_tool.cursor
) owner to mcp_tools;
revoke all on function api.list_customers(
    retail.customer_segment, retail.time_period, retail.business_day, retail.business_day,
    mcp_tool.page_size, mcp_tool.cursor
) from public;
grant execute on function api.list_customers(
    retail.customer_segment, retail.time_period, retail.business_day, retail.business_day,
    mcp_tool.page_size, mcp_tool.cursor
) to mcp_core, store_managers;
