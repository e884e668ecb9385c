-- FUNCTION: what it gives a caller of AUDIENCE, and who is refused.
begin;
set local search_path = tests, SEARCH_PATH;
select plan(PLANNED);
select tests.load_fixture();
NOTE
ASSERTION
select is(
    (
        select array_agg(a.grantee::regrole::text order by a.grantee::regrole::text collate "C")
        from pg_proc as p
        cross join aclexplode(p.proacl) as a
        where p.oid = 'SIGNATURE'::regprocedure and a.grantee <> p.proowner
    ),
    array[CALLERS],
    'nobody else may call it'
);

select finish();
rollback;
