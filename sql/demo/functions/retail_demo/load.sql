create or replace function retail_demo.load(options jsonb)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from retail.stores) then
        return '{}';
    end if;
    perform retail_demo.load_catalogue(
        options -> 'files' -> 'categories', options -> 'files' -> 'products'
    );
    return retail_demo.generate(
        seed => (options ->> 'seed')::integer,
        as_of => (options ->> 'as_of')::date,
        orders => (options ->> 'size')::integer,
        history => coalesce(options ->> 'history', '2192 days')::interval
    );
end
$$;

comment on function retail_demo.load(jsonb) is $comment$
Fill an empty database with the demo, for zava-mcp demo. Where there are stores already, nothing happens.

@param options  {"files": {"categories": [rows], "products": [rows]}, "size": orders, 100 to 5000000, "seed", "as_of": the
last day, "history": how far the orders go back, six years by default}.
@returns What was made, {"stores": count, "orders": count, ...}, or {} where nothing was.
@error VALIDATION_ERROR An option is out of its range.
$comment$;

alter function retail_demo.load(jsonb) owner to zava_owner;
revoke all on function retail_demo.load(jsonb) from public;
