create or replace function api.recommend_products(
    customer_id uuid,
    max_results retail.result_limit default 10,
    in_stock_only boolean default true
)
returns retail.product_search
language plpgsql
stable
security definer
-- with the schema of vector, wherever it is
set search_path from current
as $$
declare
    v_bought uuid[];
    v_names text;
    v_model text;
    v_embedding retail.embedding;
begin
    -- row-level security shows the customers of the caller's own store alone
    perform from retail.customers as c
    where c.customer_id = recommend_products.customer_id;
    if not found then
        perform mcp_tool.not_found(format('no customer %s of your store', customer_id));
    end if;
    select
        array_agg(b.product_id),
        string_agg(p.name, ' ' order by b.bought_at desc, b.product_id) filter (where b.position <= 10)
    into v_bought, v_names
    from (
        select
            i.product_id,
            max(o.ordered_at) as bought_at,
            row_number() over (order by max(o.ordered_at) desc, i.product_id) as position
        from retail.orders as o
        join retail.order_items as i on i.store_id = o.store_id and i.order_id = o.order_id
        where o.store_id = retail.get_current_user_store() and o.customer_id = recommend_products.customer_id
        group by i.product_id
    ) as b
    join retail.products as p on p.product_id = b.product_id;
    if v_bought is null then
        perform mcp_tool.not_found(format('customer %s has bought nothing yet', customer_id));
    end if;
    -- the mean of what was bought
    select min(m.model), avg(e.description_embedding) into v_model, v_embedding
    from retail.embedding_models as m
    join retail.product_description_embeddings as e on e.model = m.model
    where m.is_active and e.product_id = any(v_bought);
    return retail.find_products(
        -- words have to do where there are no vectors
        case when v_embedding is null then v_names end,
        v_embedding,
        v_model,
        null,
        row(null, null, null, in_stock_only, v_bought)::retail.product_filter,
        max_results
    );
end
$$;

comment on function api.recommend_products(uuid, retail.result_limit, boolean) is $comment$
Recommend products to one customer of your store, by what the customer bought before.

Use it for personal suggestions: what this client may like, enjoy, need or buy next. None of them was bought before.

@param customer_id    The customer.
@param max_results    (How many.)
@param in_stock_only  (Only products that your store has in stock.)
@returns Products, best first, with the stock of your store.
@error NOT_FOUND Your store has no such customer, or the customer has bought nothing yet.
@example "Mrs Miller is back, what might she like?" -> recommend_products()
@example "What should I offer this customer?" -> recommend_products()
@example "products that Tom may like" -> recommend_products()
@tool title="Recommended products" group=products,customers timeout=5s
$comment$;

alter function api.recommend_products(uuid, retail.result_limit, boolean) owner to mcp_tools;
revoke all on function api.recommend_products(uuid, retail.result_limit, boolean) from public;
-- a customer is known to the manager of the store alone
grant execute on function api.recommend_products(uuid, retail.result_limit, boolean)
to mcp_core, store_managers;
