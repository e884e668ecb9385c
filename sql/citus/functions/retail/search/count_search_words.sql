create or replace function retail.count_search_words()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- the statement's changes, the old products with a minus sign
    v_changes text := case tg_op
        when 'INSERT' then 'select 1 as sign, n.search_vector from new_products as n'
        when 'DELETE' then 'select -1 as sign, o.search_vector from old_products as o'
        when 'UPDATE' then
            'select 1 as sign, n.search_vector from new_products as n'
            ' union all select -1 as sign, o.search_vector from old_products as o'
    end;
begin
    -- products are on each node, the words on this one
    if not mcp_auth.is_own_session() then
        return null;
    end if;
    if tg_op = 'TRUNCATE' then
        delete from retail.search_words;
        return null;
    end if;

    -- in key order, so that two sessions wait for each other instead of deadlocking
    execute format(
        $sql$
        insert into retail.search_words as w (word, product_count)
        select u.word, sum(c.sign)
        from (%s) as c
        cross join lateral unnest(tsvector_to_array(c.search_vector) || ''::text) as u (word)
        group by u.word
        having sum(c.sign) <> 0
        order by u.word
        on conflict on constraint search_words_pkey do update
        set product_count = w.product_count + excluded.product_count
        $sql$, v_changes
    );
    if tg_op <> 'INSERT' then
        delete from retail.search_words as w where w.product_count = 0;
    end if;
    return null;
end
$$;
