-- mcp_tool.search_tools by meaning: passages of tools, their vectors, and who finds what.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(27);
select tests.load_fixture();

create function pg_temp.offer(name text, comment text, audience name default 'demo_members')
returns void
language plpgsql
as $$
begin
    execute format(
        'create function demo_api.%I(query text, query_embedding mcp_tool.embedding default null) '
        'returns setof text language sql stable security definer '
        'set search_path = pg_catalog, pg_temp as %L', name,
        'select s.name from mcp_tool.search_tools(query, 3, query_embedding) as s'
    );
    perform tests.offer(
        format('demo_api.%I(text, mcp_tool.embedding)', name),
        replace(comment, '@tool', E'@param query  Q.\n@param query_embedding  V.\n@tool')
    );
    execute format(
        'revoke execute on function demo_api.%I(text, mcp_tool.embedding) from demo_members', name
    );
    execute format(
        'grant execute on function demo_api.%I(text, mcp_tool.embedding) to %I', name, audience
    );
end
$$;
select
    pg_temp.offer(
        'test_sun',
        E'The sun of tomorrow. Not test_sea.\n\nUse it outside.\n@example "Hot?" -> test_sun()\n'
        '@tool title="Sun"'
    ),
    pg_temp.offer('test_sea', E'The sea of today.\n@tool title="Sea"'),
    pg_temp.offer('test_hidden', E'The sun of others.\n@tool title="Sun"', 'demo_admins');
delete from mcp_catalog.passage_vectors;
select mcp_catalog.refresh_catalog();
select is_empty('select * from mcp_catalog.catalog_refusal', 'all are offered');

-- passages
select results_eq(
    $$select position, passage from mcp_catalog.tool_passages where tool = 'test_sun' order by 1$$,
    $$values
    (0, 'test sun. Sun'),
    (1, 'Sun. The sun of tomorrow.. Use it outside.'),
    (2, 'The sun of tomorrow.'),
    (3, 'Use it outside.'),
    (4, 'Hot?')$$,
    'what names another tool is no passage'
);
create temp table pending on commit drop as
select i.item
from jsonb_array_elements(mcp.pending_embeddings('m', 1000) -> 'items') as i (item);
select is(
    (mcp.pending_embeddings('m', 1000) ->> 'total')::bigint,
    (select count(distinct p.digest) from mcp_catalog.tool_passages as p),
    'every passage is pending once'
);
select is(
    jsonb_array_length(mcp.pending_embeddings('m', 2) -> 'items'), 2, 'no more than a batch'
);

-- vectors: what speaks of the sun points along the first number, the sea along the second
create function pg_temp.vector(text text)
returns real []
language sql
as $$
    select array[
        case when text ~* 'sun|hot' then 3 else 0 end,
        case when text ~* 'sea' then 3 else 0 end,
        0.5, -0.5
    ]::real [] || array_fill(0::real, array[1532])
$$;
create function pg_temp.store(model text)
returns integer
language sql
as $$
    select mcp.store_embeddings(
        model,
        jsonb_agg(jsonb_build_object('id', p.item ->> 'id', 'source', p.item ->> 'text')),
        array_agg(pg_temp.vector(p.item ->> 'text'))
    )
    from pending as p
$$;
select is(
    pg_temp.store('m'), (select count(*)::integer from pending), 'vectors of all are stored'
);
select is(mcp.pending_embeddings('m', 9) ->> 'total', '0', 'and nothing is pending');
select is_empty('select * from mcp_catalog.tool_vectors', 'no tool has one before the end');
select mcp.finish_embeddings('m');
select bag_eq(
    $$select tool from mcp_catalog.tool_vectors where model = 'm'$$,
    $$select name from mcp_catalog.tools$$,
    'then each tool has its mean'
);
select is(
    (
        select array_agg(round(n::numeric, 2))
        from mcp_catalog.tool_vectors as v
        cross join unnest(v.vector) as n
        where v.tool = 'test_sea'
    ),
    array[0.00, 0.97, 0.16, -0.16],
    'of length 1, without the zeros at its end'
);
select is(
    (
        select array[length(v.signs), bit_count(v.signs)]::bigint []
        from mcp_catalog.tool_vectors as v
        where v.tool = 'test_sea'
    ),
    array[1536, 2]::bigint [],
    'and the signs of its numbers'
);

select is(
    mcp_catalog.sign_bits(array[0.5, -1, 0, 2]::real []),
    (b'1001' || repeat('0', 1532)::bit varying),
    'positive numbers are ones, and what is missing is none'
);
select is(mcp_catalog.sign_bits('{}'), null, 'no vector has no signs');

-- search
create function pg_temp.found(who text, query text, vector real [], model text default 'm')
returns text []
language plpgsql
as $$
begin
    perform mcp_auth.begin_request(tests.credential(who));
    perform set_config('app.embedding_model', coalesce(model, ''), true);
    return array(
        select s.name
        from mcp_tool.search_tools(query, 100, vector) as s
        where s.name like 'test%'
        order by s.score desc, s.name
    );
end
$$;
select
    is(
        (pg_temp.found(c.who, c.query, pg_temp.vector(c.meant), c.model))[1:2],
        c.expected,
        format('%s: %s, meant: %s, model: %s', c.who, c.query, c.meant, c.model)
    )
from (
    values
    ('member_a', 'brightness', 'hot', 'm', array['test_sun', 'test_sea']),
    ('member_a', 'brightness', 'sea', 'm', array['test_sea', 'test_sun']),
    ('member_a', 'tomorrow', 'rain', 'm', array['test_sun', 'test_sea']),
    ('admin', 'brightness', 'hot', 'm', array['test_hidden', 'test_sun']),
    ('member_a', 'brightness', 'hot', 'other', '{}'),
    ('member_a', 'brightness', 'hot', null, '{}'),
    ('member_a', 'tomorrow', 'hot', 'other', array['test_sun'])
) as c (who, query, meant, model, expected);
select is(
    pg_temp.found('member_a', 'tomorrow', null), array['test_sun'], 'without a vector: by words'
);
select is(
    'test_hidden' = any(pg_temp.found('member_a', 'sun', pg_temp.vector('sun'))), false,
    'nobody finds what only others may call'
);
select mcp_auth.clear_context();
select is_empty(
    $$select mcp_tool.search_tools('sun', 5, pg_temp.vector('sun'))$$, 'nothing without a context'
);
select is(
    mcp.shim_catalog() #> '{tools,test_sun,embed}',
    '{"query": {"parameter": "query_embedding", "dimensions": 1536}}',
    'the shim makes the vector of the query'
);

-- a refresh keeps what did not change
comment on function demo_api.test_sea(text, mcp_tool.embedding) is
E'The ocean of today.\n@param query  Q.\n@param query_embedding  V.\n@tool title="Sea"';
select mcp_catalog.refresh_catalog();
select bag_eq(
    $$select tool from mcp_catalog.tool_vectors$$,
    $$select name from mcp_catalog.tools where name <> 'test_sea'$$,
    'a tool whose description changed has no vector until zava-mcp embed'
);
select bag_eq(
    $$select i ->> 'text'
    from jsonb_array_elements(mcp.pending_embeddings('m', 9) -> 'items') as i$$,
    $$values ('Sea. The ocean of today.'), ('The ocean of today.')$$,
    'its new passages are pending'
);
select is_empty(
    $$select from mcp_catalog.passage_vectors as v
    where not exists (select from mcp_catalog.tool_passages as p where p.digest = v.digest)$$,
    'vectors of passages that are gone are forgotten'
);
drop function
demo_api.test_sun(text, mcp_tool.embedding), demo_api.test_sea(text, mcp_tool.embedding),
demo_api.test_hidden(text, mcp_tool.embedding);
select mcp_catalog.refresh_catalog();
select is(
    mcp.pending_embeddings('other', 9) ->> 'total', '0',
    'where no tool takes a vector of tools, none is made'
);

select finish();
rollback;
