-- What the pgTAP files of every project share: functions that run one statement as a caller, in
-- schema tests, which zava-mcp migrate test makes with pgTAP. A project's fixture.sql becomes
-- tests.load_fixture(). The files themselves roll back all they do.
create table tests.credentials (
    who text not null,
    credential text not null,
    constraint credentials_pkey primary key (who)
);
comment on table tests.credentials is
'API keys of the fixture; filled and rolled back by each test.';

-- volatile: it sees the caller that its argument adds, as in tests.credential(tests.stranger())
create function tests.credential(who text)
returns text
language sql
volatile
begin atomic
    select c.credential from tests.credentials as c where c.who = credential.who;
end;
comment on function tests.credential(text) is
'API key of somebody of the fixture.';

create function tests.add_caller(who text, audience name, scope text[])
returns void
language sql
volatile
begin atomic
    insert into tests.credentials (who, credential)
    values (
        add_caller.who,
        mcp_auth.create_api_key(
            mcp_auth.add_user('Test ' || add_caller.who, add_caller.audience, add_caller.scope)
        )
    );
end;
comment on function tests.add_caller(text, name, text[]) is
'A user of an audience with an API key, for tests.call; the rows of scope are theirs.';

create function tests.caller_of(audience name)
returns text
language sql
stable
begin atomic
    select c.who
    from tests.credentials as c
    inner join mcp_auth.api_keys as k on split_part(c.credential, '_', 2) = k.key_id
    inner join mcp_auth.users as u on k.user_id = u.user_id and caller_of.audience = u.audience
    where k.revoked_at is null and coalesce(k.expires_at, 'infinity') > now()
    order by c.who
    limit 1;
end;
comment on function tests.caller_of(name) is
'The first caller of the fixture who belongs to an audience; null where there is none.';

create function tests.stranger()
returns text
language plpgsql
volatile
as $$
begin
    if not exists (select from tests.credentials as c where c.who = 'stranger') then
        create role tests_strangers nologin;
        perform mcp_auth.add_audience('tests_strangers', 'Made by a test.');
        perform tests.add_caller('stranger', 'tests_strangers', '{}');
    end if;
    return 'stranger';
end
$$;
comment on function tests.stranger() is
'A caller of an audience of its own, which has no tool; the test rolls it back.';

create function tests.call(
    who text,
    tool text,
    arguments jsonb default '{}',
    request jsonb default '{}'
)
returns jsonb
language sql
volatile
begin atomic
    select mcp.call_tool(tests.credential(call.who), call.tool, call.arguments, call.request);
end;
comment on function tests.call(text, text, jsonb, jsonb) is
'Call a tool as somebody of the fixture.';

create function tests.rows_as(credential text, query text, role name default 'mcp_tools')
returns setof jsonb
language plpgsql
as $$
declare
    v_role text := current_setting('role');
begin
    if credential is not null then
        perform mcp_auth.begin_request(credential);
    end if;
    execute 'set local role ' || quote_ident(rows_as.role);
    -- as that role, which may not have format()
    return query execute 'select to_jsonb(q) from (' || query || ') as q';
    execute 'set local role ' || quote_ident(v_role);
    perform mcp_auth.clear_context();
end
$$;
comment on function tests.rows_as(text, text, name) is
'The rows of a query run with a caller''s context as a tool''s owner; only the query runs as it, '
'the assertion does not.';

create function tests.affected_as(credential text, statement text, role name default 'mcp_tools')
returns integer
language plpgsql
as $$
declare
    v_role text := current_setting('role');
    v_count integer;
begin
    if credential is not null then
        perform mcp_auth.begin_request(credential);
    end if;
    execute 'set local role ' || quote_ident(affected_as.role);
    execute statement;
    get diagnostics v_count = row_count;
    -- as that role, which may not have format()
    execute 'set local role ' || quote_ident(v_role);
    perform mcp_auth.clear_context();
    return v_count;
end
$$;
comment on function tests.affected_as(text, text, name) is
'How many rows a statement changed, run with a caller''s context as a tool''s owner.';

create function tests.reads(who text, query text, role text default 'mcp_tools')
returns text
language sql
immutable
begin atomic
    select format(
        $$
        select jsonb_path_query_first(r, '$.*') #>> '{}'
        from tests.rows_as(tests.credential(%L), %L, %L) as r
        $$, reads.who, reads.query, reads.role
    );
end;
comment on function tests.reads(text, text, text) is
'The text of a query by somebody of the fixture, for assertions; gives its one column as text.
Without a context where who is null.';

create function tests.writes(who text, statement text, role text default 'mcp_tools')
returns text
language sql
immutable
begin atomic
    select format(
        'select tests.affected_as(tests.credential(%L), %L, %L)',
        writes.who, writes.statement, writes.role
    );
end;
comment on function tests.writes(text, text, text) is
'The text of a statement by somebody of the fixture, for assertions; gives how many rows it changed.
Without a context where who is null.';

create function tests.forged(who text)
returns table (how text, context text)
language plpgsql
as $$
declare
    v_field text[];
    v_process text;
    v_moment text;
begin
    perform mcp_auth.begin_request(tests.credential(who));
    v_field := string_to_array(current_setting('app.current_rls_user_id'), '|');
    perform mcp_auth.clear_context();
    if v_field[7] is distinct from mcp_auth.sign('context', array_to_string(v_field[1:6], '|')) then
        raise exception 'mcp_auth.set_context signs otherwise: rewrite tests.forged';
    end if;
    -- genuine ones of elsewhere, as if copied: their signature is right
    v_process := array_to_string(v_field[1:3] || (v_field[4]::integer + 1)::text || v_field[5:6], '|');
    v_moment := array_to_string(v_field[1:4] || (v_field[5]::numeric - 0.000001)::text || v_field[6:6], '|');
    return query
    values
        ('a bare user id', v_field[1]),
        ('no signature', array_to_string(v_field[1:6], '|')),
        ('a wrong signature', array_to_string(v_field[1:6] || repeat('0', 64), '|')),
        ('another user', array_to_string(gen_random_uuid()::text || v_field[2:7], '|')),
        (
            'another audience',
            array_to_string(
                v_field[1:1]
                || (select min(a.audience) from mcp_auth.audiences as a where a.audience <> v_field[2])::text
                || v_field[3:7],
                '|'
            )
        ),
        (
            'a wider scope',
            array_to_string(
                v_field[1:2]
                || (select array_agg(distinct s.id) from mcp_auth.users as u, unnest(u.scope) as s (id))::text
                || v_field[4:7],
                '|'
            )
        ),
        ('other claims', array_to_string(v_field[1:5] || '{"sub": "somebody"}'::text || v_field[7:7], '|')),
        ('another process', v_process || '|' || mcp_auth.sign('context', v_process)),
        ('another transaction', v_moment || '|' || mcp_auth.sign('context', v_moment));
end
$$;
comment on function tests.forged(text) is
'Request contexts that are genuine but for one thing. For a caller whose scope is not everything.';

create function tests.rows_with(context text, query text, role text default 'mcp_tools')
returns setof jsonb
language plpgsql
as $$
begin
    perform set_config('app.current_rls_user_id', context, true);
    return query select r.* from tests.rows_as(null, rows_with.query, rows_with.role) as r;
end
$$;
comment on function tests.rows_with(text, text, text) is
'tests.rows_as with a context as tests.forged gives it.';

create function tests.affected_with(context text, statement text, role text default 'mcp_tools')
returns integer
language plpgsql
as $$
begin
    perform set_config('app.current_rls_user_id', context, true);
    return tests.affected_as(null, affected_with.statement, affected_with.role);
end
$$;
comment on function tests.affected_with(text, text, text) is
'tests.affected_as with a context as tests.forged gives it.';

create function tests.cells(answer jsonb, variadic columns text[])
returns text[]
language sql
immutable
begin atomic
    select coalesce(array_agg(r.cells order by r.position), '{}')
    from (
        select
            e.position,
            string_agg(coalesce(e.value ->> c.name, '-'), ' ' order by c.position) as cells
        from jsonb_array_elements(cells.answer -> 'rows') with ordinality as e (value, position)
        cross join unnest(cells.columns) with ordinality as c (name, position)
        group by e.position
    ) as r;
end;
comment on function tests.cells(jsonb, text[]) is
'Some columns of the rows of an answer, a text a row: its values with a blank between, - for null.';

create function tests.pages(who text, tool text, arguments jsonb)
returns table (page integer, answer jsonb)
language plpgsql
as $$
declare
    v_cursor jsonb := '{}';
begin
    page := 0;
    loop
        page := page + 1;
        answer := tests.call(who, tool, arguments || v_cursor);
        v_cursor := jsonb_build_object('cursor', answer -> 'next_cursor');
        return next;
        exit when answer ->> 'next_cursor' is null;
    end loop;
end
$$;
comment on function tests.pages(text, text, jsonb) is
'Every page of an answer, by its cursors; one where the tool gives no pages.';

create function tests.paged_rows(who text, tool text, arguments jsonb)
returns jsonb
language sql
volatile
begin atomic
    select jsonb_agg(e.value order by p.page, e.position)
    from tests.pages(paged_rows.who, paged_rows.tool, paged_rows.arguments) as p
    cross join jsonb_array_elements(p.answer -> 'rows') with ordinality as e (value, position);
end;
comment on function tests.paged_rows(text, text, jsonb) is
'The rows of an answer, gathered page by page.';

create function tests.exported(who text, tool text, arguments jsonb default '{}')
returns jsonb
language plpgsql
as $$
declare
    v_begun jsonb;
    v_rows jsonb;
    v_cursor text;
    v_format text := coalesce(
        (
            select case when not 'jsonl' = any(t.exports) then t.exports[1] end
            from mcp_catalog.tools as t
            where t.name = exported.tool
        ),
        'jsonl'
    );
begin
    -- of an export before it in this transaction
    for v_cursor in select c.name from pg_catalog.pg_cursors as c where c.name in ('mcp_export', 'mcp_query') loop
        execute format('close %I', v_cursor);
    end loop;
    v_begun := tests.call(who, tool, arguments || jsonb_build_object('export', v_format)) -> 'mcp_export';
    execute format(
        'select coalesce(jsonb_agg(%s), ''[]'') from (%s) as q',
        case v_format when 'jsonl' then 'q.c1::jsonb' else 'to_jsonb(q)' end, v_begun ->> 'query'
    ) into v_rows;
    perform mcp_auth.clear_context();
    return v_rows;
end
$$;
comment on function tests.exported(text, text, jsonb) is
'The rows that an export of somebody of the fixture has, as an array: those of JSON lines, or of the
first format that the tool offers without them. Of a tool that gives pages they are those of
tests.paged_rows.';

create function tests.error_of(statement text)
returns jsonb
language plpgsql
as $$
declare
    v_hint text;
    v_column text;
    v_constraint text;
begin
    execute statement;
    return null;
exception
    when others then
        get stacked diagnostics
            v_hint = pg_exception_hint, v_column = column_name, v_constraint = constraint_name;
        return jsonb_build_object(
            'code', sqlstate, 'message', sqlerrm, 'hint', v_hint,
            'column', v_column, 'constraint', v_constraint
        );
end
$$;
comment on function tests.error_of(text) is
'{code, message, hint, column, constraint} of the error that a statement raises; null when it '
'raises none.';

create function tests.refusal(
    who text, tool text, arguments jsonb default '{}', request jsonb default '{}'
)
returns jsonb
language sql
volatile
begin atomic
    select tests.error_of(
        format(
            'select tests.call(%L, %L, %L, %L)',
            refusal.who, refusal.tool, refusal.arguments, refusal.request
        )
    );
end;
comment on function tests.refusal(text, text, jsonb, jsonb) is
'The error of a tool call as somebody of the fixture, like tests.error_of.';

create function tests.value_as_login(login name, expression text)
returns jsonb
language plpgsql
as $$
declare
    v_value jsonb;
begin
    execute format('set local session authorization %I', login);
    execute 'select ' || expression into v_value;
    reset session authorization;
    return v_value;
end
$$;
comment on function tests.value_as_login(name, text) is
'A jsonb expression evaluated as another login.';

create function tests.offer(
    function text, description text default 'A test.', owner name default 'mcp_tools'
)
returns void
language plpgsql
as $$
declare
    v_schema regnamespace := (
        select p.pronamespace from pg_catalog.pg_proc as p where p.oid = function::regprocedure
    );
begin
    execute format('comment on function %s is %L', function, description);
    execute format('grant create on schema %s to %I', v_schema, owner);
    execute format('alter function %s owner to %I', function, owner);
    execute format('revoke create on schema %s from %I', v_schema, owner);
    execute format('revoke all on function %s from public', function);
    execute format(
        'grant execute on function %s to mcp_core, %s',
        function,
        (select string_agg(quote_ident(a.audience), ', ') from mcp_auth.audiences as a)
    );
end
$$;
comment on function tests.offer(text, text, name) is
'Comment, transfer and grant to every audience a throw-away function, so that it becomes a tool.';
