-- The catalogue of Zava Retail: the tools of each audience, and what a client is shown of them.
begin;
set local search_path = tests, ext, public;
select plan(16);
select tests.load_fixture();

create function pg_temp.tools(who text)
returns jsonb
language sql
return mcp.list_tools(tests.credential(tools.who), groups => '{all}') -> 'tools';
create function pg_temp.names(who text)
returns text []
language sql
return array(
    select t ->> 'name'
    from jsonb_array_elements(pg_temp.tools(names.who)) with ordinality as e (t, position)
    order by e.position
);
-- a tool that comes later has a test of its own
create temp table known (who text, audience name, names text []) on commit drop;
insert into known (who, audience, names)
select
    c.who,
    c.audience,
    c.own || array[
        'adjust_inventory', 'execute_sales_query', 'find_similar_products',
        'generate_business_insights', 'get_category_performance', 'get_current_utc_date',
        'get_customer_analysis', 'get_daily_sales', 'get_frequently_bought_together',
        'get_inventory_status', 'get_multiple_table_schemas', 'get_restock_suggestions',
        'get_sales_trends', 'get_store_performance', 'get_top_products', 'list_stores',
        'search_products_by_description', 'search_tools'
    ]
from (
    values
    (
        'manager_a',
        'store_managers',
        array['list_customers', 'recommend_products', 'record_return', 'record_sale']
    ),
    ('regional', 'regional_managers', array['compare_stores']),
    (
        'head', 'head_office',
        array['compare_stores', 'get_call_rate', 'get_performance_summary', 'get_slow_calls']
    )
) as c (who, audience, own);
select
    is(
        array(
            select n.name
            from unnest(pg_temp.names(k.who)) with ordinality as n (name, position)
            where n.name = any(array(select unnest(o.names) from known as o))
            order by n.position
        ),
        array(select n.name from unnest(k.names) as n (name) order by n.name collate "C"),
        format('%s, by name', k.who)
    )
from known as k;
select
    is(
        pg_temp.names(k.who),
        array(
            select t.name
            from mcp_catalog.tools as t
            where has_function_privilege(k.audience, t.function, 'execute')
            order by t.name collate "C"
        ),
        format('%s: all that the audience may execute, and nothing else', k.who)
    )
from known as k;
select is(
    jsonb_path_query_first(
        pg_temp.tools('manager_a'), '$[*] ? (@.name == "get_current_utc_date")'
    ),
    '{
        "name": "get_current_utc_date",
        "title": "Current UTC date",
        "description": "What date and time it is now, in UTC.\n\nUse it before you speak of today, the weekday, this month or last year.\n\nExamples: Which year are we in? Is it already Monday? What weekday is it?",
        "inputSchema": {"type": "object", "properties": {}, "additionalProperties": false},
        "outputSchema": {"type": "object", "properties": {"value": {}}},
        "annotations": {"readOnlyHint": true, "openWorldHint": false}
    }',
    'a tool as MCP wants it'
);
select is_empty(
    $$select t ->> 'name' from jsonb_array_elements(pg_temp.tools('head')) as t
    where not t ?& array['name', 'title', 'description', 'inputSchema']
        or t #>> '{inputSchema,type}' <> 'object'
        or t #>> '{outputSchema,type}' <> 'object'$$,
    'every tool has its schemas'
);

select is_empty(
    $$
    select t ->> 'name' from jsonb_array_elements(pg_temp.tools('head')) as t
    where not t ? 'outputSchema'
    $$,
    'every tool has an output schema'
);
select is_empty(
    $$
    select mcp_catalog.refusals(p.oid)
    from pg_proc as p
    where p.pronamespace = 'api'::regnamespace
    $$,
    'nothing is refused'
);

-- one of them, whole
select
    is(
        to_jsonb(t.*) - array[
            'owner', 'parameters', 'output_schema', 'picture', 'definition', 'call_text',
            'call_template'
        ],
        '{
        "name": "search_products_by_description",
        "function": "api.search_products_by_description(retail.search_text,retail.embedding,retail.similarity,retail.result_limit,retail.label,retail.price,retail.price,boolean)",
        "title": "Product search",
        "description":
        "Find products by what they are for: describe a need, a job or an item, with stock and price.\n\nUse it for a product that suits a project or does a job: fixes, holds, cuts, seals, cleans or protects something; for whether we have, carry or sell it; for a name or SKU.\n\nExamples: Do you have ladders? Do we sell outdoor lamps? a glue for wood.",
        "input_schema": {
            "type": "object",
            "properties": {
                "query": {
                    "type": "string", "minLength": 1, "maxLength": 500,
                    "description":
                    "What is wanted, in plain words; a SKU or a name."
                },
                "similarity_threshold": {"type": "number", "minimum": 0, "maximum": 1},
                "max_results": {
                    "type": "integer", "minimum": 1, "maximum": 100, "default": 20
                },
                "category": {"type": "string"},
                "price_min": {
                    "type": "number", "minimum": 0, "maximum": 9999999999.99, "description":
                    "Least list price, US dollars."
                },
                "price_max": {
                    "type": "number", "minimum": 0, "maximum": 9999999999.99, "description":
                    "Greatest list price, US dollars."
                },
                "in_stock_only": {
                    "type": "boolean", "default": false
                }
            },
            "required": ["query"],
            "additionalProperties": false
        },
        "annotations":
        {"title": "Product search", "readOnlyHint": true, "openWorldHint": false},
        "result_kind": "row",
        "is_read_only": true,
        "timeout_ms": 5000,
        "cache_seconds": 300,
        "embeds": {"query": {"parameter": "query_embedding", "dimensions": 1536}},
        "page_key": null,
        "task": null, "task_asks_first": null, "task_timeout_ms": null,
        "exports": null, "has_pair": null,
        "groups": ["products", "counter", "core"],
        "has_columns": true,
        "asks_first": false
    }',
        'search_products_by_description'
    )
from mcp_catalog.describe_tool(
    'api.search_products_by_description(
        retail.search_text, retail.embedding, retail.similarity, retail.result_limit,
        retail.label, retail.price, retail.price, boolean
    )'::regprocedure
) as t;

-- what a client's model has to read
select
    cmp_ok(
        (
            select
                percentile_cont(0.5) within group (
                    -- as it is sent, without the blanks of jsonb
                    order by octet_length(replace(replace(l.tool::text, '": ', '":'), ', "', ',"'))
                )
            from jsonb_array_elements(
                mcp.list_tools(tests.credential(w.who)) -> 'tools'
            ) as l (tool)
        ),
        '<=', 2000::double precision, format('the median tool of %s has at most 2000 bytes', w.who)
    )
from unnest(array['manager_a', 'regional', 'head']) as w (who);

-- what the server learns
select is(
    mcp.shim_catalog() -> 'tools' -> 'search_products_by_description',
    '{"timeout_ms": 5000,
    "embed": {"query": {"parameter": "query_embedding", "dimensions": 1536}}, "sandbox": false,
    "writes": false, "task": false, "exports": false, "content": false, "asks_first": false,
    "repeatable": true, "cache_seconds": 300}',
    'what is embedded'
);
select is(
    mcp.shim_catalog() -> 'tools' -> 'execute_sales_query',
    '{"timeout_ms": 15000, "embed": {}, "sandbox": true, "writes": false,
    "task": false, "exports": ["csv", "jsonl", "parquet"], "content": false,
    "asks_first": false, "repeatable": true, "cache_seconds": 0}',
    'timeouts, and what runs a caller''s own SQL'
);

select finish();
rollback;
