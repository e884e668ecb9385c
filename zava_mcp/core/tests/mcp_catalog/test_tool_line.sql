-- mcp_catalog.refusals: a line @tool that does not say what its author means.
begin;
set local search_path = tests, ext, public;
select plan(3);

create function demo_api.test_line(x integer) returns integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select test_line.x;
end;
create function pg_temp.refused(line text)
returns setof text
language plpgsql
as $$
begin
    perform tests.offer(
        'demo_api.test_line(integer)', E'A test.\n\n@param x  A number.\n' || refused.line
    );
    return query select r.* from mcp_catalog.refusals('demo_api.test_line(integer)'::regprocedure) as r;
end
$$;

select is_empty(
    $$select pg_temp.refused('@tool title="Notes of all" group=sales,allied')$$,
    'nothing against a line that is right'
);
select results_eq(
    $$select pg_temp.refused('@tool title="Notes')$$,
    array['in the line @tool a quotation mark is not closed: close it'],
    'a title without its end'
);
select results_eq(
    $$select pg_temp.refused('@tool group=sales,all')$$,
    array['@tool group cannot be all: that address serves the tools of every group'],
    'a group that nobody could ask for'
);

select finish();
rollback;
