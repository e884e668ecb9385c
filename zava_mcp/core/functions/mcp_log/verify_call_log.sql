create or replace function mcp_log.verify_call_log(day date, noted_head text default null)
returns table (problem text, seal_id bigint, log_id uuid, detail text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    with chain as (
        select
            s.*,
            mcp_log.seal_head(s) as signed,
            lag(s.seal_id, 1, 0::bigint) over (order by s.seal_id) as id_before,
            lag(s.head, 1, '') over (order by s.seal_id) as head_before,
            max(case s.kind when 'drop' then s.day end) over (
                order by s.seal_id desc
            ) as dropped_before
        from mcp_log.call_log_seals as s
    ),

    -- seals of the day whose rows must be there
    held as (
        select c.*
        from chain as c
        where
            c.kind = 'rows'
            and c.day = verify_call_log.day
            and c.day >= coalesce(c.dropped_before, c.day)
    ),

    sealed as (
        select
            h.seal_id,
            r.log_id,
            r.digest
        from held as h
        cross join unnest(h.log_ids, h.row_digests) as r (log_id, digest)
    ),

    pending as (
        select p.*
        from mcp_log.call_log_pending as p
        where
            p.started_at >= mcp_log.utc_midnight(verify_call_log.day)
            and p.started_at < mcp_log.utc_midnight(verify_call_log.day + 1)
    ),

    entries as (
        select
            l.log_id,
            l.started_at,
            mcp_log.call_log_digest(l) as digest
        from mcp_log.call_log as l
        where
            l.started_at >= mcp_log.utc_midnight(verify_call_log.day)
            and l.started_at < mcp_log.utc_midnight(verify_call_log.day + 1)
    )

    select
        'chain broken',
        c.seal_id,
        null::uuid,
        case
            when c.id_before + 1 <> c.seal_id
                then format(
                    '%s missing before it',
                    case c.seal_id - c.id_before - 1
                        when 1 then '1 seal is'
                        else c.seal_id - c.id_before - 1 || ' seals are'
                    end
                )
            when c.previous <> c.head_before then 'it does not follow the seal before it'
            else 'it is not as it was signed'
        end
    from chain as c
    where
        c.id_before + 1 <> c.seal_id
        or c.previous <> c.head_before
        or c.head is distinct from c.signed
    union all
    select
        'chain broken',
        h.seal_id,
        null,
        'its list of rows is not as it was signed'
    from held as h
    where h.log_ids is null or mcp_log.seal_contents(h.log_ids, h.row_digests) <> h.contents
    union all
    select
        'cut off',
        e.seal_id,
        null,
        'the chain does not end with this seal'
    from mcp_log.call_log_head as e
    where (e.seal_id, e.head) is distinct from (
        select
            (
                coalesce(max(c.seal_id), 0),
                coalesce((array_agg(c.head order by c.seal_id desc))[1], '')
            )
        from chain as c
    )
    union all
    select
        'cut off',
        null,
        null,
        'the noted head is in no seal'
    where
        verify_call_log.noted_head is not null
        and not exists (select from chain as c where c.head = verify_call_log.noted_head)
    union all
    select
        'changed',
        s.seal_id,
        s.log_id,
        'the row is not as it was sealed'
    from sealed as s
    inner join entries as e on s.log_id = e.log_id and s.digest <> e.digest
    union all
    select
        'missing',
        s.seal_id,
        s.log_id,
        'the row was sealed'
    from sealed as s
    where not exists (select from entries as e where e.log_id = s.log_id)
    union all
    select
        'missing',
        null,
        p.log_id,
        'the row was logged and not sealed yet'
    from pending as p
    where
        not exists (
            select from entries as e where e.log_id = p.log_id and e.started_at = p.started_at
        )
    union all
    select
        'inserted',
        null,
        e.log_id,
        'the row is in no seal and is not to be sealed'
    from entries as e
    where
        not exists (select from sealed as s where s.log_id = e.log_id)
        and not exists (
            select from pending as p where p.log_id = e.log_id and p.started_at = e.started_at
        )
    order by 1, 2, 3;
end;

comment on function mcp_log.verify_call_log(date, text) is $comment$
Compare the call log of a day with its seals, and verify the chain of seals.

@param day         The day in UTC.
@param noted_head  A head that was noted elsewhere, in the server log for one: it must still be in the chain.
@returns One row a problem: changed, missing, inserted, cut off or chain broken, with the seal and the row it is about; none when the log is intact.
$comment$;

alter function mcp_log.verify_call_log(date, text) owner to mcp_core;
revoke all on function mcp_log.verify_call_log(date, text) from public;
