create or replace function retail_demo.load_catalogue(categories jsonb, products jsonb)
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- ids follow from names and SKUs, so the moment they carry must not change either
    c_moment constant timestamptz := '2012-01-01 00:00:00+00';
    c_months constant text[] := array[
        'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'
    ];
    v_fault record;
    v_stored integer;
begin
    if jsonb_typeof(load_catalogue.categories) is distinct from 'array'
        or jsonb_typeof(load_catalogue.products) is distinct from 'array'
    then
        raise invalid_parameter_value using
            message = 'categories and products must be JSON arrays of objects',
            hint = 'Give the rows of categories.csv and products.csv, one object a row.';
    end if;

    select format('category %s', coalesce(r.item ->> 'name', '#' || r.row_number)) as what, f.*
    into v_fault
    from (
        select
            c.item,
            c.row_number,
            count(*) over (partition by c.item ->> 'name') as same_name
        from jsonb_array_elements(load_catalogue.categories) with ordinality as c(item, row_number)
    ) as r
    cross join lateral (
        values
        (
            'name', r.item ->> 'name', r.item ->> 'name' ~ '^\S(.{0,198}\S)?$',
            '1 to 200 characters without blanks around'
        ),
        ('name', r.item ->> 'name', r.same_name = 1 or r.item ->> 'name' is null, 'unique')
        union all
        select
            m.month, r.item ->> m.month, r.item ->> m.month ~ '^(?=.*[1-9])\d{1,2}(\.\d{1,2})?$',
            'a number above 0 and below 100 with at the most 2 decimals'
        from unnest(c_months) as m(month)
    ) as f(field, value, is_valid, requirement)
    where f.is_valid is not true
    order by r.row_number
    limit 1;
    if not found then
        select format('product %s', coalesce(r.item ->> 'sku', '#' || r.row_number)) as what, f.*
        into v_fault
        from (
            select
                p.item,
                p.row_number,
                count(*) over (partition by p.item ->> 'sku') as same_sku,
                count(*) over (partition by p.item ->> 'name') as same_name
            from jsonb_array_elements(load_catalogue.products)
            with ordinality as p(item, row_number)
        ) as r
        cross join lateral (
            values
            (
                'sku', r.item ->> 'sku', r.item ->> 'sku' ~ '^[A-Z0-9-]{1,40}$',
                '1 to 40 capital letters, digits or hyphens'
            ),
            ('sku', r.item ->> 'sku', r.same_sku = 1 or r.item ->> 'sku' is null, 'unique'),
            (
                'name', r.item ->> 'name', r.item ->> 'name' ~ '^\S(.{0,198}\S)?$',
                '1 to 200 characters without blanks around'
            ),
            ('name', r.item ->> 'name', r.same_name = 1 or r.item ->> 'name' is null, 'unique'),
            (
                'category', r.item ->> 'category',
                exists (
                    select
                    from jsonb_array_elements(load_catalogue.categories) as c(item)
                    where c.item ->> 'name' = r.item ->> 'category'
                ),
                'the name of one of the categories'
            ),
            (
                'type', r.item ->> 'type', r.item ->> 'type' ~ '^\S(.{0,198}\S)?$',
                '1 to 200 characters without blanks around'
            ),
            (
                'base_price', r.item ->> 'base_price',
                r.item ->> 'base_price' ~ '^(?=.*[1-9])\d{1,10}(\.\d{1,2})?$',
                'an amount above 0 with at the most 2 decimals'
            ),
            (
                'cost', r.item ->> 'cost',
                r.item ->> 'cost' ~ '^(?=.*[1-9])\d{1,10}(\.\d{1,2})?$',
                'an amount above 0 with at the most 2 decimals'
            ),
            ('description', r.item ->> 'description', r.item ->> 'description' ~ '\S', 'some text')
        ) as f(field, value, is_valid, requirement)
        where f.is_valid is not true
        order by r.row_number
        limit 1;
    end if;
    if found then
        raise invalid_parameter_value using
            message = format(
                '%s: %s must be %s, not %s',
                v_fault.what, v_fault.field, v_fault.requirement,
                coalesce(quote_literal(left(v_fault.value, 60)), 'empty')
            ),
            column = v_fault.field,
            hint = 'Correct the row in the file and load it again. Nothing was stored.';
    end if;

    insert into retail.categories as t (category_id, name, description)
    select
        retail_demo.uuid(c_moment, 'category/' || (r.item ->> 'name')),
        r.item ->> 'name',
        coalesce(r.item ->> 'description', '')
    from jsonb_array_elements(load_catalogue.categories) as r(item)
    on conflict (name) do update
    set description = excluded.description
    where t.description <> excluded.description;

    insert into retail.category_seasonality as t (category_id, month, weight)
    select c.category_id, m.month, (r.item ->> m.name)::numeric
    from jsonb_array_elements(load_catalogue.categories) as r(item)
    cross join unnest(c_months) with ordinality as m(name, month)
    join retail.categories as c on c.name = r.item ->> 'name'
    on conflict (category_id, month) do update
    set weight = excluded.weight
    where t.weight <> excluded.weight;

    insert into retail.product_types (type_id, category_id, name)
    select distinct
        retail_demo.uuid(c_moment, format('type/%s/%s', c.name, r.item ->> 'type')),
        c.category_id,
        r.item ->> 'type'
    from jsonb_array_elements(load_catalogue.products) as r(item)
    join retail.categories as c on c.name = r.item ->> 'category'
    on conflict (category_id, name) do nothing;

    with stored_products as (
        insert into retail.products as t (
            product_id, sku, name, description, category_id, type_id, base_price, created_at
        )
        select
            retail_demo.uuid(c_moment, 'product/' || (r.item ->> 'sku')),
            r.item ->> 'sku',
            r.item ->> 'name',
            r.item ->> 'description',
            c.category_id,
            y.type_id,
            (r.item ->> 'base_price')::numeric,
            c_moment
        from jsonb_array_elements(load_catalogue.products) as r(item)
        join retail.categories as c on c.name = r.item ->> 'category'
        join retail.product_types as y
            on y.category_id = c.category_id and y.name = r.item ->> 'type'
        on conflict (sku) do update
        set
            name = excluded.name,
            description = excluded.description,
            category_id = excluded.category_id,
            type_id = excluded.type_id,
            base_price = excluded.base_price
        where
            (t.name, t.description, t.category_id, t.type_id, t.base_price)
            is distinct from (
                excluded.name, excluded.description, excluded.category_id, excluded.type_id,
                excluded.base_price
            )
        returning t.sku
    )

    select count(*) into v_stored from stored_products;

    insert into retail.product_costs as t (product_id, cost)
    select p.product_id, (r.item ->> 'cost')::numeric
    from jsonb_array_elements(load_catalogue.products) as r(item)
    join retail.products as p on p.sku = r.item ->> 'sku'
    on conflict (product_id) do update
    set cost = excluded.cost
    where t.cost <> excluded.cost;

    return v_stored;
end
$$;

comment on function retail_demo.load_catalogue(jsonb, jsonb) is $comment$
Store the catalogue: categories with their seasons, product types, products and costs.

What is there is brought up to date, by category name and by SKU; nothing is deleted. A second call
with the same rows changes nothing. Ids follow from names and SKUs, so they are the same in every
database.

@param categories  Objects, all text: name, description and the demand in jan to dec, 1 is average.
@param products    Objects, all text: sku, name, category, type, base_price, cost, description.
@returns How many products were added or changed.
@error VALIDATION_ERROR A row is invalid: the message names it and the column. Nothing is stored.
@error CONFLICT A product's name belongs to another SKU that is stored already.
$comment$;

alter function retail_demo.load_catalogue(jsonb, jsonb) owner to zava_owner;
revoke all on function retail_demo.load_catalogue(jsonb, jsonb) from public;
