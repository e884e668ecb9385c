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
    -- so many products are ranked of those that have all words, and of those that have rare ones
    c_ranked constant integer := 300;
    v_words tsquery[];
    v_weights double precision[];
    v_all tsquery;
    v_some tsquery;
    v_found uuid[];
begin
    select
        array_agg(w.word),
        array_agg(w.weight),
        string_agg(w.word::text, ' & ')::tsquery,
        -- rare words alone, once there are products enough that have them: a common one adds little to a rank
        string_agg(w.word::text, ' | ') filter (
            where few is not null or w.before < c_ranked
        )::tsquery
    into v_words, v_weights, v_all, v_some
    from (
        select
            q.word,
            q.weight,
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

    -- materialized, so that many products are found by their words and then filtered, not the other way round
    execute format(
        'with every as materialized (select p.* from retail.products as p where %5$s and p.search_vector @@ $6),'
        ' some_of as materialized ('
        'select p.* from retail.products as p'
        ' where %5$s and p.search_vector @@ $7 and not p.search_vector @@ $6'
        ') '
        'select array_agg(n.product_id order by n.rank desc, n.product_id) from ('
        'select f.product_id, sum(w.weight * ts_rank(%1$L, f.search_vector, w.word, 1)) as rank from ('
        '(select p.product_id, p.search_vector from every as p where %2$s limit %3$s)'
        ' union all '
        '(select p.product_id, p.search_vector from some_of as p where %2$s limit %3$s)'
        ') as f cross join unnest($8, $9) as w (word, weight)'
        ' group by f.product_id order by rank desc, f.product_id limit %4$s) as n',
        '{0.1, 0.3, 0.8, 1}', -- from the right: name, description, category
        case when few is null then retail.product_condition(wanted) else 'true' end,
        case when few is not null then cardinality(few) else c_ranked end,
        depth,
        case when few is null then 'true' else 'p.product_id = any($10)' end
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
to zava_tools;
