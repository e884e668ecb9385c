create or replace function retail_demo.add_customers(
    seed integer,
    as_of date,
    orders integer,
    history interval default '6 years'
)
returns integer
language plpgsql
volatile
strict
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_first_names constant text[] := '{
        Aaron, Adriana, Aisha, Alan, Alice, Amir, Amy, Andrea, Andrew, Angela, Anna, Anthony, Arjun,
        Ashley, Barbara, Ben, Brandon, Brenda, Brian, Camila, Carlos, Carol, Charles, Chen,
        Christine, Daniel, David, Deborah, Diego, Donna, Edward, Elena, Elizabeth, Emily, Emma,
        Eric, Fatima, Frank, Gabriel, George, Grace, Greg, Hannah, Hassan, Heather, Helen, Hiro,
        Hugo, Ines, Isaac, Jack, Jacob, James, Jamal, Janet, Jasmine, Jason, Jennifer, Jessica,
        John, Jorge, Joseph, Julia, Karen, Keiko, Kevin, Laura, Leila, Linda, Lucas, Maria, Mark,
        Mary, Matthew, Megan, Michael, Mei, Nancy, Nathan, Nicole, Noah, Olivia, Omar, Patricia,
        Paul, Peter, Priya, Rachel, Raj, Rebecca, Robert, Rosa, Ryan, Samuel, Sandra, Sarah, Sean,
        Sofia, Stephen, Susan, Tara, Thomas, Tina, Victor, Wei, William, Yuki, Yusuf, Zachary, Zoe
    }';
    c_last_names constant text[] := '{
        Adams, Ahmed, Allen, Anderson, Bailey, Baker, Bell, Bennett, Brooks, Brown, Campbell,
        Carter, Castillo, Chang, Clark, Collins, Cook, Cooper, Cox, Cruz, Davis, Diaz, Edwards,
        Evans, Fisher, Flores, Foster, Garcia, Gomez, Gonzalez, Gray, Green, Gupta, Hall, Hansen,
        Harris, Hassan, Hernandez, Hill, Howard, Hughes, Ito, Jackson, James, Jenkins, Jensen,
        Johnson, Jones, Kelly, Khan, Kim, King, Kowalski, Kumar, Larsen, Lee, Lewis, Lim, Long,
        Lopez, Martin, Martinez, Miller, Mitchell, Moore, Morales, Morgan, Morris, Murphy, Myers,
        Nakamura, Nelson, Nguyen, Novak, O''Brien, O''Connor, Olson, Ortiz, Park, Parker, Patel,
        Perez, Peterson, Phillips, Powell, Price, Ramirez, Reed, Reyes, Rivera, Roberts, Robinson,
        Rodriguez, Rogers, Ross, Russell, Sanchez, Sanders, Santos, Sato, Schmidt, Scott, Shah,
        Singh, Smith, Stewart, Sullivan, Tanaka, Taylor, Thomas, Thompson, Torres, Tran, Turner,
        Walker, Wang, Ward, Watson, White, Williams, Wilson, Wong, Wood, Wright, Wu, Yamamoto, Yang,
        Young, Zhang, Zhou
    }';
    v_first_day constant date := as_of - history;
    v_customers constant integer := round(orders / 4.0);
begin
    insert into retail.customers (
        store_id, customer_id, first_name, last_name, email, phone, created_at
    )
    with store_customers as (
        select
            s.store_no,
            s.store_id,
            s.time_zone,
            s.area_code,
            1 + round((v_customers - count(*) over ()) * sum(s.share) over upto)
            - round((v_customers - count(*) over ()) * (sum(s.share) over upto - s.share))
                as customer_count
        from retail_demo.stores() as s
        window upto as (order by s.store_no)
    ),

    histories as (
        select c.store_no, array_agg(c.day_start order by c.day) as day_starts
        from retail_demo.calendar(seed, as_of, orders, history) as c
        group by c.store_no
    ),

    numbered as (
        select
            s.store_no,
            s.store_id,
            s.time_zone,
            s.area_code,
            i.customer_no,
            -- what chance is drawn for
            i.customer_no::bigint * 16 + s.store_no as n,
            -- a fifth was there before the first order; then they come as the orders do
            i.customer_no * 1.25::double precision / s.customer_count - 0.25 as arrival,
            h.day_starts
        from store_customers as s
        join histories as h on h.store_no = s.store_no
        cross join generate_series(0, s.customer_count::integer - 1) as i(customer_no)
    ),

    created as (
        select
            n.*,
            c_first_names[
                1 + floor(cardinality(c_first_names) * retail_demo.uniform(seed, 10, n.n))::integer
            ] as first_name,
            c_last_names[
                1 + floor(cardinality(c_last_names) * retail_demo.uniform(seed, 11, n.n))::integer
            ] as last_name,
            -- the day before the first day on which the customer may order
            (
                v_first_day - 1 + case
                    when n.arrival > 0 then width_bucket(n.arrival, n.day_starts) - 1
                    else - floor(365 * retail_demo.uniform(seed, 12, n.n))::integer
                end
                + make_interval(secs => floor(28800 + 46800 * retail_demo.uniform(seed, 13, n.n)))
            ) at time zone n.time_zone as created_at
        from numbered as n
    )

    select
        c.store_id,
        retail_demo.uuid(
            c.created_at, seed || '/customer/' || c.store_no || '/' || c.customer_no
        ),
        c.first_name,
        c.last_name,
        lower(replace(c.first_name || '.' || c.last_name, '''', '')) || c.customer_no
        || case
            when retail_demo.uniform(seed, 14, c.n) < 0.7 then '@example.com' else '@example.org'
        end,
        case
            when retail_demo.uniform(seed, 15, c.n) < 0.9
                then format(
                    '(%s) 555-01%s', c.area_code,
                    right('0' || floor(100 * retail_demo.uniform(seed, 16, c.n)), 2)
                )
        end,
        c.created_at
    from created as c
    order by c.store_id, c.created_at;
    return v_customers;
end
$$;

comment on function retail_demo.add_customers(integer, date, integer, interval) is $comment$
Store the demo's customers, one for every four orders, in the stores as the orders are.

In the order of their creation: a fifth existed before the first order, and customer i of all n of a
store was created the day before the day at i * 1.25 / n - 0.25 of the store's orders. Mail domains
and telephone numbers are those reserved for examples.

@param seed     Seed of the demo data.
@param as_of    Day after the last order.
@param orders   How many orders there will be.
@param history  How long they go back.
@returns How many customers.
$comment$;

alter function retail_demo.add_customers(integer, date, integer, interval) owner to zava_owner;
revoke all on function retail_demo.add_customers(integer, date, integer, interval) from public;
