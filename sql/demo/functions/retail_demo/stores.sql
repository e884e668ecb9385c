create or replace function retail_demo.stores()
returns table (
    store_no integer,
    store_id uuid,
    name text,
    location text,
    time_zone text,
    region_id uuid,
    region text,
    is_online boolean,
    share numeric,
    yearly_growth double precision,
    carried double precision,
    area_code text
)
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        s.store_no,
        retail_demo.uuid('2012-01-01 00:00:00+00', 'store/' || s.name),
        s.name,
        s.location,
        'America/Los_Angeles',
        retail_demo.uuid('2012-01-01 00:00:00+00', 'region/' || s.region),
        s.region,
        s.location = 'Online',
        s.share / sum(s.share) over (),
        s.yearly_growth,
        s.carried,
        s.area_code
    from (
        values
        (1, 'Zava Retail Seattle', 'Seattle, WA', 'Greater Seattle', 27.9, 1.06, 1.00, '206'),
        (2, 'Zava Retail Bellevue', 'Bellevue, WA', 'Greater Seattle', 18.3, 1.08, 0.96, '425'),
        (3, 'Zava Retail Tacoma', 'Tacoma, WA', 'Rest of Washington', 13.3, 1.07, 0.92, '253'),
        (4, 'Zava Retail Spokane', 'Spokane, WA', 'Rest of Washington', 5.3, 1.05, 0.85, '509'),
        (5, 'Zava Retail Everett', 'Everett, WA', 'Rest of Washington', 3.3, 1.07, 0.80, '425'),
        (6, 'Zava Retail Redmond', 'Redmond, WA', 'Greater Seattle', 2.6, 1.10, 0.75, '425'),
        (7, 'Zava Retail Kirkland', 'Kirkland, WA', 'Greater Seattle', 1.5, 1.12, 0.70, '425'),
        (8, 'Zava Retail Online', 'Online', 'Online', 27.6, 1.15, 1.00, '360')
    ) as s (store_no, name, location, region, share, yearly_growth, carried, area_code);
end;

comment on function retail_demo.stores() is $comment$
Return the stores of the demo and how they trade.

@returns One row a store: its share of all orders, the factor by which a year outsells the one
before, the part of each category it carries, and the area code of its customers.
$comment$;

alter function retail_demo.stores() owner to zava_owner;
revoke all on function retail_demo.stores() from public;
