create or replace function retail.products_by_words(
    query text,
    wanted retail.product_filter,
    few uuid[],
    depth integer
)
returns uuid[]
language plpgsql
stable
-- as the owner: row-level security lets no index serve @@, which is not leakproof
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- how many products are ranked: of those that have all words, and of those that have rare ones
    c_ranked constant integer := 300;
    v_words tsquery[];
    v_weights double precision[];
    v_all tsquery;
    v_some tsquery;
    v_condition text := case when few is null then retail.product_condition(wanted) else 'true' end;
    v_rank text;
    v_found uuid[];
begin
    select
        array_agg(w.word order by w.number),
        array_agg(w.weight order by w.number),
        string_agg(w.word::text, ' & ')::tsquery,
        -- rare words alone, once there are products enough that have them: a common one adds little to a rank
        string_agg(w.word::text, ' | ') filter (
            where few is not null or w.before < c_ranked
        )::tsquery,
        -- from the right: name, description, category
        string_agg(
            format('$9[%1$s] * ts_rank(''{0.1, 0.3, 0.8, 1}'', f.search_vector, $8[%1$s], 1)', w.number), ' + '
            order by w.number
        )
    into v_words, v_weights, v_all, v_some, v_rank
    from (
        select
            q.word,
            q.weight,
            row_number() over (order by q.product_count, q.word::text) as number,
            coalesce(
                sum(q.product_count) over (
                    order by q.product_count, q.word::text rows between unbounded preceding and 1 preceding
                ), 0
            ) as before
        from retail.query_words(query) as q
    ) as w;
    if v_words is null then
        return null;
    end if;

    execute format(
        'with every as %1$s ('
        'select p.product_id, p.category_id, p.base_price, p.search_vector from retail.products as p'
        ' where %2$s and p.search_vector @@ $6'
        '), some_of as %1$s ('
        'select p.product_id, p.category_id, p.base_price, p.search_vector from retail.products as p'
        ' where %2$s and p.search_vector @@ $7 and not p.search_vector @@ $6'
        ') '
        'select array_agg(n.product_id order by n.rank desc, n.product_id) from ('
        'select f.product_id, %3$s as rank from ('
        '(select p.product_id, p.search_vector from every as p where %4$s limit %5$s)'
        ' union all '
        '(select p.product_id, p.search_vector from some_of as p where %4$s limit %5$s)'
        ') as f order by rank desc, f.product_id limit %6$s) as n',
        -- so that many products are found by their words and then filtered, not the other way round
        case
            when few is not null
                or coalesce(wanted.category_id::text, wanted.price_min::text, wanted.price_max::text) is null
                then 'not materialized'
            else 'materialized'
        end,
        case when few is null then 'true' else 'p.product_id = any($10)' end,
        v_rank,
        v_condition,
        case when few is not null then cardinality(few) else c_ranked end,
        depth
    ) into v_found
    using
        wanted.category_id, wanted.price_min, wanted.price_max, wanted.without_ids,
        case when wanted.in_stock_only then retail.get_user_store_list() end,
        v_all, v_some, v_words, v_weights, few;
    return v_found;
end
$$;

comment on function retail.products_by_words(
    text, retail.product_filter, uuid[], integer
) is $comment$
The products that have words of a query, those first that have many, rare ones, and in their names.

@param query   Words to find, any of them.
@param wanted  Which products may be found.
@param few     Those products, where they are few; null to go by the filter.
@param depth   How many.
@returns Products, best first; null for none.
$comment$;

alter function retail.products_by_words(text, retail.product_filter, uuid[], integer)
owner to zava_owner;
revoke all on function retail.products_by_words(text, retail.product_filter, uuid[], integer)
from public;
grant execute on function retail.products_by_words(text, retail.product_filter, uuid[], integer)
to mcp_tools;
