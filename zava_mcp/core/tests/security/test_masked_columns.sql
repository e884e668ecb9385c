-- A masked column under free queries: twenty ways to its value, each of which gives the mask or
-- nothing; and whom it is clear to.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(31);
select tests.load_fixture();

create table demo.people (
    tenant_id uuid not null,
    person_id integer not null,
    email text not null,
    phone text,
    account text,
    born date,
    pay integer,
    constraint people_pkey primary key (tenant_id, person_id)
);
comment on column demo.people.email is E'Where to write.\n@mask email clear=demo_admins';
comment on column demo.people.phone is E'To call.\n@mask last4';
comment on column demo.people.account is E'Bank account.\n@mask hash';
comment on column demo.people.born is '@mask null';
comment on column demo.people.pay is '@mask null clear=demo_admins';
insert into demo.people
select
    tests.tenant(p.letter),
    p.person_id,
    p.email,
    p.phone,
    p.account,
    p.born,
    p.pay
from (
    values
    ('a', 1, 'ann@one.example', '+49 555 1111', 'DE01', '1980-01-01'::date, 100),
    ('a', 2, 'abe@two.example', '+49 555 2222', 'DE02', '1990-02-02', 200),
    ('a', 3, 'a@two.example', '112', 'DE01', null, null),
    ('b', 1, 'zoe@six.example', '+49 555 6666', 'DE01', '1970-07-07', 900)
) as p (letter, person_id, email, phone, account, born, pay);
alter table demo.people enable row level security;
create policy people_select on demo.people for select to mcp_tools, mcp_sandbox
using (tenant_id = any((select demo.scope())::uuid[]));
grant select on demo.people to mcp_tools;
grant select (tenant_id, person_id) on demo.people to mcp_sandbox;
select mcp_migrate.mask_table('demo.people', 'demo.people_masked');

create function demo_api.test_query(query mcp_tool.query_text)
returns mcp_tool.query_result
language sql
stable
security definer
set search_path = mcp_sandbox, pg_catalog, demo, pg_temp
begin atomic
    select
        q.columns,
        q.rows,
        q.row_count,
        q.truncated
    from mcp_tool.run_query(test_query.query, 100) as q;
end;
select tests.offer(
    'demo_api.test_query(mcp_tool.query_text)',
    E'Query.\n\n@param query  A query.\n@tool sandbox',
    'mcp_sandbox'
);
select mcp_catalog.refresh_catalog();
-- what the lock-down keeps from free queries anyway
grant execute on function pg_catalog.textlike(text, text),
pg_catalog.regexp_replace(text, text, text, text)
to mcp_sandbox;

create function pg_temp.ask(who text, query text)
returns jsonb
language sql
return tests.call(ask.who, 'test_query', jsonb_build_object('query', ask.query)) -> 'rows';

select is(pg_temp.ask('member_a', q.query), q.rows::jsonb, q.name)
from (
    values
    (
        'as it is', 'select person_id, email, phone, born, pay from people_masked order by 1',
        '[[1, "a***@one.example", "****1111", null, null],
        [2, "a***@two.example", "****2222", null, null], [3, "***", "****", null, null]]'
    ),
    (
        'cast', 'select email::varchar(99), phone::bytea from people_masked where person_id = 1',
        '[["a***@one.example", "\\x2a2a2a2a31313131"]]'
    ),
    (
        'substring',
        'select substr(email, 2, 3), left(phone, 5) from people_masked where person_id = 1',
        '[["***", "****1"]]'
    ),
    (
        'order by', 'select person_id from people_masked order by phone desc, person_id',
        '[[2], [1], [3]]'
    ),
    (
        'group by', 'select email, count(*) from people_masked group by email order by 1',
        '[["***", 1], ["a***@one.example", 1], ["a***@two.example", 1]]'
    ),
    (
        'min and max',
        'select min(email), max(phone), max(born), sum(pay) from people_masked',
        '[["***", "****2222", null, null]]'
    ),
    ('like', $$select person_id from people_masked where email like '%nn@%'$$, '[]'),
    ('equality', $$select person_id from people_masked where email = 'ann@one.example'$$, '[]'),
    ('a range', $$select person_id from people_masked where born < '1985-01-01' or pay > 0$$, '[]'),
    ('is null', 'select count(*) from people_masked where born is null and pay is null', '[[3]]'),
    (
        'a regular expression',
        $$select regexp_replace(email, '[*]', 'x', 'g') from people_masked where person_id = 2$$,
        '[["axxx@two.example"]]'
    ),
    (
        'length',
        'select length(phone), octet_length(account) from people_masked where person_id = 1',
        '[[8, 32]]'
    ),
    (
        'a join with values',
        $$select v.x from (values ('ann@one.example'), ('abe@two.example')) as v (x)
        join people_masked as p on p.email = v.x$$,
        '[]'
    ),
    (
        'a join with itself',
        'select count(*) from people_masked as a join people_masked as b using (account)',
        '[[5]]'
    ),
    (
        'the whole row',
        $$select (to_jsonb(p) - 'tenant_id' - 'account')::text from people_masked as p
        where person_id = 1$$,
        '[["{\"pay\": null, \"born\": null, \"email\": \"a***@one.example\", '
        '\"phone\": \"****1111\", \"person_id\": 1}"]]'
    ),
    (
        'a window', 'select rank() over (order by pay, born) from people_masked',
        '[[1], [1], [1]]'
    ),
    (
        'a scalar subquery', $$select (select email from people_masked where person_id = 1) || ''$$,
        '[["a***@one.example"]]'
    ),
    (
        'a common table expression',
        'with p as materialized (select * from people_masked) select max(email) from p',
        '[["a***@two.example"]]'
    ),
    (
        'union',
        $$select email from people_masked where person_id = 1
        union select 'ann@one.example' order by 1$$,
        '[["a***@one.example"], ["ann@one.example"]]'
    ),
    (
        'a known value hashed',
        $$select count(*) from people_masked
        where account in (
            md5('DE01'), encode(sha256('DE01'), 'hex'), left(encode(sha256('DE01'), 'hex'), 32)
        )$$,
        '[[0]]'
    )
) as q (name, query, rows);

-- an error names the mask, and what is not granted cannot be named
select
    is(
        tests.refusal('member_a', 'test_query', jsonb_build_object('query', q.query)) ->> 'message',
        q.message,
        q.name
    )
from (
    values
    (
        'an error', 'select email::integer from people_masked where person_id = 1',
        'invalid input syntax for type integer: "a***@one.example"'
    ),
    ('the table', 'select email from people', 'permission denied for table people'),
    ('the row of the table', 'select p from people as p', 'permission denied for table people'),
    (
        'the mask', $$select mcp_catalog.mask_hash('DE01')$$,
        'permission denied for schema mcp_catalog'
    ),
    (
        'a view of the own', 'create view pg_temp.v as select email from people',
        'cannot open CREATE VIEW query as cursor'
    )
) as q (name, query, message);

select is(
    pg_temp.ask('admin', 'select email, phone, born, pay from people_masked order by email'),
    '[["a@two.example", "****", null, null], ["abe@two.example", "****2222", null, 200],
    ["ann@one.example", "****1111", null, 100], ["zoe@six.example", "****6666", null, 900]]',
    'admin: what clear= says is clear, and the rest is masked'
);
select is(pg_temp.ask('nobody', 'select email from people_masked'), '[]', 'no scope, no row');

-- the copy that is weakened: these questions tell a column that is not masked
grant select (email) on demo.people to mcp_sandbox;
select is(
    pg_temp.ask('member_a', 'select email from people where person_id = 1'),
    '[["ann@one.example"]]',
    'with a grant of the column the value is there'
);
select is(
    (select c.problem from mcp_migrate.check_masks as c where c.object = 'demo.people.email'),
    'free queries read it as it is: grant mcp_sandbox the other columns of demo.people alone, or '
    'none, and the view of mcp_migrate.mask_table',
    'which verify finds'
);
revoke select (email) on demo.people from mcp_sandbox;
comment on column demo.people.email is E'Where to write.\n@mask email clear=demo_members';
select is(
    (
        select array_agg(concat_ws(' ', c.number, c.object, c.problem))
        from mcp_migrate.check_masks as c
        where c.object like 'demo.%'
    ),
    array[
        'ZM108 demo.people_masked it is older than the masks of demo.people: apply the file that '
        'calls mcp_migrate.mask_table again'
    ],
    'and a view that is older than the rule'
);
select mcp_migrate.mask_table('demo.people', 'demo.people_masked');
select is(
    pg_temp.ask('member_a', 'select email from people_masked where person_id = 1'),
    '[["ann@one.example"]]',
    'made again, it follows the new rule'
);

select finish();
rollback;
