create or replace function mcp_log.unmet(
    period interval default '7 days', max_results integer default 50
)
returns table (
    kind text,
    subject text,
    calls bigint,
    callers bigint,
    last_at timestamptz
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform mcp_log.check_period(period);
    if max_results is null or max_results not between 1 and 1000 then
        perform mcp_tool.invalid('max_results', 'a number from 1 to 1000');
    end if;
    return query
    with offered as (
        select
            t.name,
            p.proowner = 'mcp_sandbox'::regrole as is_free,
            strpos(p.prosrc, 'mcp_tool.search_tools') > 0 or exists (
                select
                from pg_depend as d
                where d.classid = 'pg_proc'::regclass
                    and d.objid = p.oid
                    and d.refclassid = 'pg_proc'::regclass
                    and d.refobjid = 'mcp_tool.search_tools(text, integer, mcp_tool.embedding)'::regprocedure
            ) as searches,
            -- the argument that holds the text
            (
                select a.name
                from unnest(t.parameters) with ordinality as a
                where a.json_type = 'string'
                order by a.ordinality
                limit 1
            ) as argument
        from mcp_catalog.tools as t
        join pg_proc as p on p.oid = to_regprocedure(t.function)
    ),

    call as (
        select
            l.log_id,
            l.tool,
            l.user_id,
            l.started_at,
            l.code,
            l.row_count,
            coalesce(o.is_free, false) as is_free,
            coalesce(o.searches, false) as searches,
            o.name is not null as is_tool,
            l.arguments ->> o.argument as asked,
            l.arguments_digest as digest
        from mcp_log.call_log as l
        left join offered as o on o.name = l.tool
        where l.started_at > now() - period
    ),

    -- one pass over each caller's calls, from the last to the first: to look up what follows each would take calls times calls
    followed as (
        select
            c.*,
            min(c.started_at) filter (where c.is_tool and not c.searches)
                over (partition by c.user_id order by c.started_at desc)
                as next_call_at,
            min(c.started_at) filter (where c.differs)
                over (
                    partition by c.user_id, c.tool order by c.started_at desc, c.log_id desc
                    rows between unbounded preceding and 1 preceding
                ) as next_other_at
        from (
            select
                d.*,
                d.digest <> lag(d.digest) over (partition by d.user_id, d.tool order by d.started_at, d.log_id) as differs
            from call as d
        ) as c
    ),

    found as (
        select 'unknown tool' as kind, mcp_catalog.visible(left(c.tool, 100)) as subject, c.user_id, c.started_at
        from call as c
        where c.code = 'UNKNOWN_TOOL'
        union all
        select 'refused', c.tool, c.user_id, c.started_at
        from call as c
        where c.is_tool and c.code = 'AUTHORIZATION_ERROR'
        union all
        select 'search without a call', coalesce(mcp_catalog.visible(left(lower(c.asked), 200)), c.tool), c.user_id, c.started_at
        from followed as c
        where c.searches
            and (c.user_id is null or c.next_call_at is null or c.next_call_at > c.started_at + interval '10 minutes')
        union all
        select
            'free query',
            -- where arguments are not logged, queries that are equal to the letter
            coalesce(
                mcp_catalog.visible(mcp_log.query_shape(c.asked)),
                concat_ws(' ', c.tool, left(encode(c.digest, 'hex'), 8))
            ),
            c.user_id,
            c.started_at
        from call as c
        where c.is_free and c.code = 'OK'
        union all
        select 'asked again', c.tool, c.user_id, c.started_at
        from followed as c
        where c.is_tool
            and c.user_id is not null
            and (c.row_count = 0 or c.code in ('NOT_FOUND', 'VALIDATION_ERROR'))
            and c.next_other_at < c.started_at + interval '5 minutes'
    )

    select
        f.kind,
        f.subject,
        count(*),
        count(distinct f.user_id),
        max(f.started_at)
    from found as f
    group by f.kind, f.subject
    order by count(*) desc, max(f.started_at) desc, f.kind, f.subject
    limit max_results;
end
$$;

comment on function mcp_log.unmet(interval, integer) is $comment$
Return what callers looked for and did not find, from the call log.

kind is "unknown tool" (a name that no tool has), "refused" (a tool that did not do it for the caller), "search without a call" (no
other tool was called within 10 minutes), "free query" (queries of one shape, without their values: where there are many, a tool is
missing), or "asked again" (nothing was found, and the same caller asked the same tool otherwise within 5 minutes).

@param period       How far back, 1 second to 366 days.
@param max_results  How many, 1 to 1000.
@returns One row a kind and subject, the most frequent first. Texts of searches and shapes of queries are there only where the
setting log_arguments is true; else the tool, and for a query the begin of its digest.
@error VALIDATION_ERROR The period or the number is out of range.
$comment$;

alter function mcp_log.unmet(interval, integer) owner to mcp_core;
revoke all on function mcp_log.unmet(interval, integer) from public;
grant execute on function mcp_log.unmet(interval, integer) to mcp_tools;
