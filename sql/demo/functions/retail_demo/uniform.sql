-- Without a set clause, which would keep the planner from inlining it: a demo of 200,000 orders
-- calls it three million times. The body is bound when the function is made, so no search_path
-- matters.
create or replace function retail_demo.uniform(seed integer, stream integer, n bigint)
returns double precision
language sql
immutable
strict
parallel safe
security invoker
begin atomic
    select
        (
            hashint8extended(
                uniform.n,
                (uniform.seed::bigint << 32) | uniform.stream
            ) & ((1::bigint << 53) - 1)
        )::double precision / (1::bigint << 53);
end;

comment on function retail_demo.uniform(integer, integer, bigint) is $comment$
Return a number that looks random and is always the same for the same arguments.

@param seed    Seed of the demo data.
@param stream  Tells apart what is drawn for one n: another stream is independent.
@param n       Number of the thing it is drawn for.
@returns A number from 0, below 1, evenly distributed, with 53 bits.
$comment$;

alter function retail_demo.uniform(integer, integer, bigint) owner to zava_owner;
revoke all on function retail_demo.uniform(integer, integer, bigint) from public;
