create or replace function api.get_customer_analysis(
    store_id uuid default null,
    time_period retail.time_period default 'last_12_months',
    from_date retail.business_day default null,
    to_date retail.business_day default null
)
returns retail.customer_analysis
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
begin atomic
    select
        retail.customer_analysis(
            retail.resolve_period(
                get_customer_analysis.store_id,
                get_customer_analysis.time_period,
                get_customer_analysis.from_date,
                get_customer_analysis.to_date
            )
        );
end;

comment on function api.get_customer_analysis(
    uuid, retail.time_period, retail.business_day, retail.business_day
) is $comment$
How many customers are new, returning, loyal, at risk or lost: segments (RFM), in numbers.

Use it for retention, churn, one-time buyers, how many shoppers come back, how the customer base is made up; it names nobody.
US dollars.

@param store_id     (Null: all together.)
@param time_period  (Named period.)
@param from_date    (Instead of time_period.)
@param to_date      (Null: today.)
@returns Figures of the different customers who bought in the period; nobody by name. Recent: bought in the last two fifths
of the period. champions: recent, much. loyal: recent, more than a little. promising: recent, little. at_risk: not recent,
more than a little. lapsed: not recent, little. Frequency and money count within the customer's own store.
@error AUTHORIZATION_ERROR The store is outside your scope.
@error VALIDATION_ERROR from_date is after to_date or today.
@example "Are we losing customers?" -> get_customer_analysis()
@example "new versus returning customers" -> get_customer_analysis()
@example "How many people are in each segment?" -> get_customer_analysis()
@tool title="Customer analysis" group=customers cache=300s timeout=15s
$comment$;

alter function api.get_customer_analysis(
    uuid, retail.time_period, retail.business_day, retail.business_day
) owner to mcp_tools;
revoke all on function api.get_customer_analysis(
    uuid, retail.time_period, retail.business_day, retail.business_day
) from public;
grant execute on function api.get_customer_analysis(
    uuid, retail.time_period, retail.business_day, retail.business_day
) to mcp_core, store_managers, regional_managers, head_office;
