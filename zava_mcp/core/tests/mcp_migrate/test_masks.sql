-- Masks: mcp_catalog.mask_last4, mask_email, mask_hash; mcp_catalog.column_masks, which reads and
-- refuses rules; mcp_migrate.mask_table, masked_columns, mask_comment, mcp_catalog.masked_table.
begin;
set local search_path = tests, ext, public;
select plan(43);
select tests.load_fixture();

-- what is left of a value
select
    is(
        mcp_catalog.mask_last4(v.value), v.masked, format('last4 of %s', coalesce(v.value, 'null'))
    )
from (
    values ('12345678', '****5678'), ('1234567', '****'), ('', '****'), (null, null)
) as v (value, masked);
select
    is(
        mcp_catalog.mask_email(v.value), v.masked, format('email of %s', coalesce(v.value, 'null'))
    )
from (
    values
    ('ann@one.example', 'a***@one.example'),
    ('a@one.example', '***'),
    ('an@b@c', 'a***@c'),
    ('ann', '***'),
    ('ann@', '***'),
    ('@one.example', '***'),
    ('', '***'),
    (null, null)
) as v (value, masked);
select is(
    array[
        mcp_catalog.mask_hash('a') = mcp_catalog.mask_hash(lower('A')),
        mcp_catalog.mask_hash('a') = mcp_catalog.mask_hash('b'),
        mcp_catalog.mask_hash('a') = left(encode(sha256('a'), 'hex'), 32),
        mcp_catalog.mask_hash('a') ~ '^[0-9a-f]{32}$',
        mcp_catalog.mask_hash(null) is null
    ],
    array[true, false, false, true, true],
    'hash: equal for equal values, with a key'
);

create table demo.people (
    tenant_id uuid not null,
    person_id integer not null,
    kind_id integer references demo.kinds (kind_id),
    email demo.email,
    city varchar(20),
    pay numeric,
    secret text,
    constraint people_pkey primary key (tenant_id, person_id)
);
comment on table demo.people is 'People.';
comment on column demo.people.city is 'Where.';
alter table demo.people enable row level security;
create policy people_select on demo.people for select to mcp_tools, mcp_sandbox
using (tenant_id = any((select demo.scope())::uuid[]));
grant select on demo.people to mcp_tools;
grant select (tenant_id, person_id, kind_id) on demo.people to mcp_sandbox;

create function demo.initial(value text) returns text language sql immutable return left(value, 1);
create function demo.noisy(value text) returns text language sql volatile return value;
create function demo.counted(value text) returns integer language sql immutable return length(
    value
);
revoke all on function demo.initial(text), demo.noisy(text), demo.counted(text) from public;

create function pg_temp.mask(column_name text, rule text)
returns text
language plpgsql
as $$
begin
    execute format('comment on column demo.people.%I is %L', column_name, E'Words.\n' || rule);
    return (
        select coalesce(m.problem, concat_ws(' ', m.rule, m.type_name, m.audiences::text))
        from mcp_catalog.column_masks() as m
        where m.relation = 'demo.people'::regclass and m.column_name = mask.column_name
    );
end
$$;

select is(pg_temp.mask(r.column_name, r.rule), r.answer, r.rule)
from (
    values
    ('email', '@mask email', 'email text {}'),
    (
        'city',
        '@mask last4  clear=demo_admins,demo_members',
        'last4 character varying {demo_admins,demo_members}'
    ),
    ('pay', '@mask null', 'null numeric {}'),
    ('pay', '@masks null', null),
    ('kind_id', 'see @mask null', null),
    (
        'pay',
        '@mask',
        'write @mask RULE, or @mask RULE clear=AUDIENCE,AUDIENCE, on a line of its own'
    ),
    (
        'pay',
        '@mask null for=demo_admins',
        'write @mask RULE, or @mask RULE clear=AUDIENCE,AUDIENCE, on a line of its own'
    ),
    ('pay', E'@mask null\n@mask null', 'a column has one line @mask'),
    ('pay', '@mask last4', 'the mask last4 is for text, and the column is numeric'),
    (
        'pay',
        '@mask blur',
        'there is no mask blur: take last4, email, hash, null, or a function as schema.name'
    ),
    ('secret', '@mask demo.nothing', 'there is no function demo.nothing(text)'),
    ('pay', '@mask demo.initial', 'there is no function demo.initial(numeric)'),
    ('secret', '@mask demo.noisy', 'the function demo.noisy is volatile, and a mask only reads'),
    ('secret', '@mask demo.counted', 'the function demo.counted must return one text'),
    (
        'secret', '@mask demo.initial',
        'who reads the view must execute its mask: grant execute on function '
        'demo.initial(text) to mcp_tools, mcp_sandbox'
    ),
    (
        'pay',
        '@mask null clear=demo_admins,strangers',
        'clear= names strangers, and there is no such audience'
    ),
    (
        'kind_id', '@mask null',
        'free queries read it as it is: grant mcp_sandbox the other columns of demo.people '
        'alone, or none, and the view of mcp_migrate.mask_table'
    )
) as r (column_name, rule, answer);

-- what cannot work is refused when the catalogue is built, and makes no view
select mcp_catalog.refresh_catalog();
select is(
    (select array_agg(r.function order by r.function) from mcp_catalog.catalog_refusal as r),
    array['column demo.people.kind_id', 'column demo.people.pay', 'column demo.people.secret'],
    'masks that cannot work are refused'
);
select throws_ok(
    $$select mcp_migrate.mask_table('demo.people', 'demo.people_masked')$$, '42704',
    'demo.people.kind_id: free queries read it as it is: grant mcp_sandbox the other columns of '
    'demo.people alone, or none, and the view of mcp_migrate.mask_table',
    'and make no view'
);
grant execute on function demo.initial(text) to mcp_tools, mcp_sandbox;
comment on column demo.people.kind_id is 'Kind.';
select
    is(
        pg_temp.mask('pay', '@mask null clear=demo_admins'),
        'null numeric {demo_admins}',
        'put right'
    );
comment on column demo.people.city is E'Where.\n@mask last4 clear=demo_admins,demo_members';
select throws_ok(
    $$select mcp_migrate.mask_table('demo.people', 'people_masked')$$, '22023',
    'the view ''people_masked'' has no schema', 'a view without a schema'
);
select throws_ok(
    $$select mcp_migrate.mask_table('demo.notes', 'demo.notes_masked')$$, '22023',
    'no column of demo.notes is masked', 'a table without a mask'
);

-- the view
select lives_ok(
    $$select mcp_migrate.mask_table('demo.people', 'demo.people_masked')$$, 'now it is made'
);
select results_eq(
    $$
    select concat_ws(': ', c.column_name, c.mask) collate "default"
    from mcp_migrate.masked_columns('demo.people'::regclass) as c
    order by c.attnum
    $$,
    array[
        'tenant_id', 'person_id', 'kind_id', 'email: email',
        'city: last4, clear for demo_admins and demo_members',
        'pay: null, clear for demo_admins',
        'secret: demo.initial'
    ],
    'its columns'
);
select is(
    mcp_migrate.mask_comment('demo.people'::regclass),
    'Masked: email (email), city (last4, clear for demo_admins and demo_members), '
    'pay (null, clear for demo_admins), secret (demo.initial).',
    'its comment'
);
select is(
    array[
        mcp_catalog.masked_table('demo.people_masked'::regclass),
        mcp_catalog.masked_table('demo.people'::regclass)
    ],
    array['demo.people'::regclass::oid, null],
    'the table it masks'
);
select is(
    (
        select c.relowner::regrole::text
        from pg_catalog.pg_class as c
        where c.oid = 'demo.people_masked'::regclass
    ),
    'mcp_tools',
    'whom the policies of the table bind owns it'
);
select is(
    (
        select r -> 'answer' -> 'tables' -> 0
        from
            tests.rows_as(
                tests.credential('member_a'),
                'select to_jsonb(s.*) as answer '
                'from mcp_tool.table_schemas(''demo'', array[''people_masked'']) as s'
            ) as r
    ) - 'columns',
    '{
        "table_name": "demo.people_masked",
        "terms": [],
        "description": "People.\nMasked: email (email), city (last4, clear for demo_admins and demo_members), pay (null, clear for demo_admins), secret (demo.initial).",
        "primary_key": ["tenant_id", "person_id"],
        "joins": ["demo.people_masked.kind_id = demo.kinds.kind_id"],
        "valid_values": {}
    }',
    'table_schemas has its masks, and the keys of its table'
);
select is(
    (
        select r -> 'answer' -> 'tables' -> 0 -> 'columns' -> 5 ->> 'description'
        from
            tests.rows_as(
                tests.credential('member_a'),
                'select to_jsonb(s.*) as answer '
                'from mcp_tool.table_schemas(''demo'', array[''people_masked'']) as s'
            ) as r
    ),
    'Words. Masked: null, clear for demo_admins.',
    'and says of each column how it is masked'
);
-- after a change of the table the view is made again
alter table demo.people add column note text;
grant select (note) on demo.people to mcp_sandbox;
select lives_ok(
    $$select mcp_migrate.mask_table('demo.people', 'demo.people_masked')$$,
    'a new column comes at its end'
);

select finish();
rollback;
