-- The objects given, as catalogue and oid, and all that depends on them, through row types too.
with recursive reached (classid, objid) as (
    select
        given.classid,
        given.objid
    from unnest($1::oid[], $2::oid[]) as given (classid, objid)
    union
    select
        x.classid,
        x.objid
    from reached as r
    inner join pg_depend as d
        on r.classid = d.refclassid and r.objid = d.refobjid and d.deptype <> 'e'
    cross join lateral (
        select
            d.classid,
            d.objid
        union all
        select
            'pg_class'::regclass::oid as classid,
            w.ev_class as objid
        from pg_rewrite as w
        where d.classid = 'pg_rewrite'::regclass and w.oid = d.objid
    ) as x
)

select
    r.classid,
    r.objid
from reached as r
