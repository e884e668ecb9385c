-- The seals of the call log: whatever is done to a sealed row or to the chain is found, an intact
-- log finds nothing, and retention leaves what can still be verified.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(84);

-- whatever other tests have logged is sealed first; seals are counted from here
select cmp_ok(mcp_log.seal_call_log(), '>=', 0, 'the log is sealed');
create table pg_temp.before as
select
    h.seal_id,
    h.head
from mcp_log.call_log_head as h;

-- days that no call of another test falls on
create function pg_temp.day(ago integer)
returns date
language sql
stable
return mcp_log.utc_day(now()) - ago;

create function pg_temp.record(ago integer, name text, calls integer default 1)
returns integer
language sql
return mcp.record_calls((
    select
        jsonb_agg(jsonb_build_object(
            'request_id', format('%s %s', name, n),
            'tool', 'list_notes',
            'started_at',
            to_char(
                (mcp_log.utc_midnight(pg_temp.day(ago)) + n * interval '1 second')
                at time zone 'UTC',
                'YYYY-MM-DD"T"HH24:MI:SS"Z"'
            ),
            'duration_ms', n,
            'code', 'OK'
        ))
    from generate_series(1, calls) as n
));

create function pg_temp.problems(ago integer, noted_head text default null)
returns text[]
language sql
return array(
    select format('%s %s', v.problem, coalesce(l.request_id, (v.seal_id - b.seal_id)::text, '-'))
    from mcp_log.verify_call_log(pg_temp.day(ago), noted_head) as v
    cross join pg_temp.before as b
    left join mcp_log.call_log as l on v.log_id = l.log_id
    order by 1
);

-- what is found after something that the triggers would refuse, which is then taken back
create function pg_temp.found(
    tampering text, ago integer default 10, noted_head text default null
)
returns text[]
language plpgsql
as $$
declare
    v_problems text[];
begin
    begin
        set local session_replication_role = replica;
        execute replace(tampering, 'LAST', (select h.seal_id::text from mcp_log.call_log_head as h));
        v_problems := pg_temp.problems(ago, noted_head);
        raise exception sqlstate 'ZZ000';
    exception
        when sqlstate 'ZZ000' then null;
    end;
    return v_problems;
end
$$;

-- sealing

select is(pg_temp.record(10, 'a', 3) + pg_temp.record(9, 'b', 2), 5, 'five calls on two days');
select is(pg_temp.problems(10), '{}', 'what is to be sealed is no problem');
select is(mcp_log.seal_call_log(), 2, 'a batch a day');
select results_eq(
    $$
    select
        s.seal_id - b.seal_id, s.kind, s.day, cardinality(s.log_ids), cardinality(s.row_digests),
        length(s.head)
    from mcp_log.call_log_seals as s
    cross join pg_temp.before as b
    where s.seal_id > b.seal_id
    order by s.seal_id
    $$,
    $$values
    (1::bigint, 'rows', pg_temp.day(10), 3, 3, 64), (2, 'rows', pg_temp.day(9), 2, 2, 64)$$,
    'each day''s rows, the oldest first'
);
select results_eq(
    $$
    select s.previous
    from mcp_log.call_log_seals as s
    cross join pg_temp.before as b
    where s.seal_id > b.seal_id
    order by s.seal_id
    $$,
    $$
    select b.head from pg_temp.before as b
    union all
    select s.head
    from mcp_log.call_log_seals as s
    inner join pg_temp.before as b on s.seal_id = b.seal_id + 1
    $$,
    'each follows the one before'
);
select is(
    (
        select array_agg(l.request_id order by r.position)
        from mcp_log.call_log_seals as s
        inner join pg_temp.before as b on s.seal_id = b.seal_id + 1
        cross join unnest(s.log_ids) with ordinality as r (log_id, position)
        inner join mcp_log.call_log as l on r.log_id = l.log_id
    ),
    array['a 1', 'a 2', 'a 3'],
    'in the order of the calls'
);
select is_empty('select from mcp_log.call_log_pending', 'nothing is left to seal');
select is(mcp_log.seal_call_log(), 0, 'so there is no batch');
select is(pg_temp.record(10, 'late'), 1, 'a call that comes late for its day');
select is(mcp_log.seal_call_log(), 1, 'gets a seal of its own');
select is(pg_temp.problems(10), '{}', 'intact: the first day');
select is(pg_temp.problems(9), '{}', 'intact: the second day');
select is(pg_temp.problems(8), '{}', 'intact: a day without a call');
select is(pg_temp.record(7, 'many', 1000), 1000, '1000 calls of a day');
select is(pg_temp.record(7, 'more', 1000), 1000, '1000 more');
select is(pg_temp.record(7, 'last'), 1, 'and one more');
select is(mcp_log.seal_call_log(2), 2, 'no more batches than asked for');
select is(mcp_log.seal_call_log(2), 1, 'and then the rest');
select results_eq(
    $$
    select cardinality(s.log_ids)
    from mcp_log.call_log_seals as s
    where s.day = pg_temp.day(7)
    order by s.seal_id
    $$,
    array[1000, 1000, 1],
    'at most 1000 rows a batch'
);
select is(pg_temp.problems(7), '{}', 'intact: the long day');

-- neither the session's settings nor a rewrite of the table change a digest

set local timezone = 'Asia/Tokyo';
set local datestyle = 'SQL, DMY';
set local intervalstyle = 'sql_standard';
set local bytea_output = 'escape';
set local extra_float_digits = -5;
select is(pg_temp.problems(10), '{}', 'intact, whatever the session is set to');
reset timezone;
reset datestyle;
reset bytea_output;
select cmp_ok(
    mcp_log.create_call_log_partitions(0), '>=', 3, 'partitions for the days that had none'
);
select is(pg_temp.problems(10), '{}', 'intact, in whatever partition the rows are');

select is(pg_temp.record(10, 'end', 2), 2, 'two more calls of the first day');
select is(mcp_log.seal_call_log(), 1, 'are the last seal');

select is(pg_temp.found(t.tampering), t.problems, format('found: %s', t.what))
from (
    values
    ('nothing', 'select', '{}'::text[]),
    (
        'a changed row',
        'update mcp_log.call_log set code = ''CANCELLED'' where request_id = ''a 2''',
        array['changed a 2']
    ),
    (
        'a changed digest of arguments',
        'update mcp_log.call_log set arguments_digest = sha256('''') where request_id = ''a 2''',
        array['changed a 2']
    ),
    (
        'a changed user',
        'update mcp_log.call_log set user_id = gen_random_uuid() where request_id = ''a 1''',
        array['changed a 1']
    ),
    (
        'a row at another hour',
        'update mcp_log.call_log set started_at = started_at + interval ''1 hour''
        where request_id = ''a 1''',
        array['changed a 1']
    ),
    (
        'a row under another key',
        'update mcp_log.call_log set log_id = ''00000000-0000-0000-0000-000000000000''
        where request_id = ''a 1''',
        array['inserted a 1', 'missing 1']
    ),
    (
        'a deleted row', 'delete from mcp_log.call_log where request_id = ''a 2''',
        array['missing 1']
    ),
    (
        'a row moved to another day',
        'update mcp_log.call_log set started_at = started_at - interval ''1 day''
        where request_id = ''a 2''',
        array['missing a 2']
    ),
    (
        'an inserted row',
        'insert into mcp_log.call_log (log_id, request_id, tool, started_at, duration_ms, code)
        select gen_random_uuid(), ''x'', l.tool, l.started_at, l.duration_ms, l.code
        from mcp_log.call_log as l where l.request_id = ''a 1''',
        array['inserted x']
    ),
    (
        'two rows that changed places',
        'update mcp_log.call_log as l set request_id = o.request_id, duration_ms = o.duration_ms
        from mcp_log.call_log as o
        where (l.request_id, o.request_id) in ((''a 1'', ''a 2''), (''a 2'', ''a 1''))',
        array['changed a 1', 'changed a 2']
    ),
    (
        'two rows that exchanged their keys',
        'update mcp_log.call_log as l set log_id = o.log_id
        from mcp_log.call_log as o
        where (l.request_id, o.request_id) in ((''a 1'', ''a 2''), (''a 2'', ''a 1''))',
        array['changed a 1', 'changed a 2']
    ),
    (
        'a seal that lists one row less',
        'update mcp_log.call_log_seals set log_ids = log_ids[1:1], row_digests = row_digests[1:1]
        where seal_id = LAST',
        array['chain broken 7', 'inserted end 2']
    ),
    (
        'a seal whose contents were made to fit',
        'update mcp_log.call_log_seals set log_ids = log_ids[1:1], row_digests = row_digests[1:1],
        contents = mcp_log.seal_contents(log_ids[1:1], row_digests[1:1]) where seal_id = LAST',
        array['chain broken 7', 'inserted end 2']
    ),
    (
        'a seal emptied as if its day had been dropped',
        'update mcp_log.call_log_seals set log_ids = null, row_digests = null
        where seal_id = LAST',
        array['chain broken 7', 'inserted end 1', 'inserted end 2']
    ),
    (
        'a seal of another moment',
        'update mcp_log.call_log_seals set sealed_at = sealed_at - interval ''1 day''
        where seal_id = LAST',
        array['chain broken 7']
    ),
    (
        'the last seal removed',
        'delete from mcp_log.call_log_seals where seal_id = LAST',
        array['cut off 7', 'inserted end 1', 'inserted end 2']
    ),
    (
        'the last seal removed with its rows',
        'delete from mcp_log.call_log where request_id in (''end 1'', ''end 2'');
        delete from mcp_log.call_log_seals where seal_id = LAST',
        array['cut off 7']
    ),
    (
        'a seal in the middle removed',
        'delete from mcp_log.call_log_seals where seal_id = LAST - 1',
        array['chain broken 7']
    ),
    (
        'all seals of the day removed',
        'delete from mcp_log.call_log_seals as s where s.day = pg_temp.day(10)
        and s.seal_id < LAST',
        array[
            'chain broken 2', 'chain broken 4',
            'inserted a 1', 'inserted a 2', 'inserted a 3', 'inserted late 1'
        ]
    ),
    (
        'a row that was logged and is gone before it is sealed',
        'select pg_temp.record(10, ''gone'');
        delete from mcp_log.call_log where request_id = ''gone 1''',
        array['missing -']
    )
) as t (what, tampering, problems);

create function pg_temp.said_of_missing(how_many integer)
returns text
language plpgsql
as $$
declare
    v_said text;
begin
    begin
        set local session_replication_role = replica;
        delete from mcp_log.call_log_seals as s
        using mcp_log.call_log_head as h
        where s.seal_id between h.seal_id - how_many and h.seal_id - 1;
        select v.detail into v_said from mcp_log.verify_call_log(pg_temp.day(10)) as v
        where v.problem = 'chain broken' order by v.seal_id desc limit 1;
        raise exception sqlstate 'ZZ000';
    exception
        when sqlstate 'ZZ000' then null;
    end;
    return v_said;
end
$$;
select is(pg_temp.said_of_missing(1), '1 seal is missing before it', 'one seal');
select is(pg_temp.said_of_missing(2), '2 seals are missing before it', 'two seals');

-- the end of the chain set back: within the database it looks intact, but not to who noted its head

create table pg_temp.noted as
select
    h.head,
    s.previous,
    s.seal_id - 1 as seal_id
from mcp_log.call_log_head as h
inner join mcp_log.call_log_seals as s on h.seal_id = s.seal_id;

create function pg_temp.cutting_off()
returns text
language sql
return $$
    delete from mcp_log.call_log where request_id in ('end 1', 'end 2');
    delete from mcp_log.call_log_seals where seal_id = LAST;
    update mcp_log.call_log_head as h
    set seal_id = n.seal_id, head = n.previous
    from pg_temp.noted as n
$$;

select is_empty(
    $$
    select v.*
    from pg_temp.noted as n
    cross join mcp_log.verify_call_log(pg_temp.day(10), n.head) as v
    $$,
    'a head that was noted is in the chain'
);
select is(
    pg_temp.found(pg_temp.cutting_off()),
    '{}',
    'a superuser can cut off the end of the chain so that nothing in the database tells'
);
select
    is(
        pg_temp.found(
            pg_temp.cutting_off(),
            10,
            (select n.head from pg_temp.noted as n)
        ),
        array['cut off -'],
        'but a head that was noted elsewhere does'
    );

-- the chain is append-only too

select throws_ok(
    'delete from mcp_log.call_log_seals',
    '42501', 'mcp_log.call_log_seals is append-only', 'seals stay'
);
select throws_ok(
    'truncate mcp_log.call_log_seals',
    '42501', 'mcp_log.call_log_seals is append-only', 'all of them'
);
select throws_ok(
    'update mcp_log.call_log_seals set log_ids = null, row_digests = null', '42501',
    'mcp_log.call_log_seals is append-only', 'and what they list stays while its day does'
);

-- retention

select
    throws_ok(
        format('select mcp_log.drop_call_log(%L)', d.day),
        '22023',
        'before must be a day that is not in the future',
        format('drop_call_log: %s is refused', coalesce(d.day::text, 'null'))
    )
from (values (null), (mcp_log.utc_day(now()) + 1)) as d (day);
select is(pg_temp.record(9, 'unsealed'), 1, 'a call that is not sealed yet');
select is(mcp_log.drop_call_log(pg_temp.day(8)), 2, 'drop_call_log: two days are dropped');
select is_empty(
    $$
    select l.*
    from mcp_log.call_log as l
    where l.started_at < mcp_log.utc_midnight(pg_temp.day(8))
    $$,
    'drop_call_log: their rows are gone'
);
select is(
    (
        select count(*)
        from mcp_log.call_log as l
        where mcp_log.utc_day(l.started_at) = pg_temp.day(7)
    ),
    2001::bigint,
    'drop_call_log: all others are there'
);
select is(pg_temp.problems(10) || pg_temp.problems(9), '{}', 'verify: a dropped day is no problem');
select is(pg_temp.problems(7), '{}', 'verify: what remains is intact');
select results_eq(
    $$
    select
        s.kind,
        s.day,
        s.log_ids
    from mcp_log.call_log_seals as s
    order by s.seal_id desc limit 1
    $$,
    $$values ('drop', pg_temp.day(8), null::uuid[])$$,
    'drop_call_log: the drop is part of the chain'
);
select is(
    pg_temp.found('delete from mcp_log.call_log where request_id = ''last 1''', 7),
    array['missing 4'],
    'verify: a row missing from what remains is found'
);
select is(
    pg_temp.found('delete from mcp_log.call_log_seals where kind = ''drop''', 10),
    array['chain broken 1', 'chain broken 3', 'chain broken 7', 'cut off 9'],
    'verify: a drop that is taken back'
);
select is(mcp_log.drop_call_log(pg_temp.day(8)), 0, 'drop_call_log: nothing a second time');
select is(pg_temp.record(9, 'latest'), 1, 'a call of a dropped day that comes now');
select is(mcp_log.seal_call_log(), 1, 'is sealed');
select is(pg_temp.problems(9), '{}', 'and intact');
select is(mcp_log.drop_call_log(pg_temp.day(8)), 1, 'and dropped the next time');
select is(pg_temp.problems(7), '{}', 'verify: what remains is intact still');

-- partitions

do $$
declare
    v_day regclass;
begin
    for v_day in
        select i.inhrelid
        from pg_catalog.pg_inherits as i
        where i.inhparent = 'mcp_log.call_log'::regclass
            and i.inhrelid <> 'mcp_log.other_days'::regclass
    loop
        execute format('drop table %s', v_day);
    end loop;
end
$$;
select is(mcp_log.create_call_log_partitions(1), 2, 'partitions: today and tomorrow');
select is(mcp_log.create_call_log_partitions(1), 0, 'partitions: no day twice');
select is(mcp_log.create_call_log_partitions(3), 2, 'partitions: two days more');
select is(pg_temp.record(6, 'stray'), 1, 'partitions: a call of a day without one');
select is(
    (select l.tableoid::regclass::text from mcp_log.call_log as l where l.request_id = 'stray 1'),
    'mcp_log.other_days',
    'partitions: is logged all the same'
);
select is(mcp_log.create_call_log_partitions(), 5, 'partitions: its day, and a week ahead');
select is(
    (select l.tableoid::regclass::text from mcp_log.call_log as l where l.request_id = 'stray 1'),
    'mcp_log.day_' || to_char(pg_temp.day(6), 'YYYYMMDD'),
    'partitions: it has moved into its own'
);
select is_empty('select from mcp_log.other_days', 'partitions: nothing is left behind');
select
    throws_ok(
        format('select mcp_log.create_call_log_partitions(%s)', n), '22023',
        'days_ahead must be a number from 0 to 366', format('partitions: %s days', n)
    )
from unnest(array['-1', '367', 'null']) as n;
select throws_ok(
    format('delete from mcp_log.day_%s', to_char(pg_temp.day(6), 'YYYYMMDD')),
    '42501',
    format('mcp_log.day_%s is append-only', to_char(pg_temp.day(6), 'YYYYMMDD')),
    'partitions: they are as append-only as the whole, for a superuser too'
);
select is_empty(
    $$
    select c.relname, p.privilege
    from pg_catalog.pg_class as c
    cross join unnest(array['update', 'delete', 'truncate']) as p (privilege)
    where c.relnamespace = 'mcp_log'::regnamespace
        and (c.relispartition or c.oid = 'mcp_log.call_log'::regclass)
        and c.relkind in ('r', 'p')
        and has_table_privilege('mcp_core', c.oid, p.privilege)
    $$,
    'partitions: not even the owner may change a row'
);

select finish();
rollback;
