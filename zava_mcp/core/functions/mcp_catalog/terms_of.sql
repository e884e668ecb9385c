create or replace function mcp_catalog.terms_of(relation oid)
returns mcp_tool.term []
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        coalesce(
            array_agg(
                row(t.word, t.meaning, t.subject, t.query)::mcp_tool.term order by t.word
            ), '{}'
        )
    from mcp_catalog.terms as t
    where t.relation = terms_of.relation;
end;

comment on function mcp_catalog.terms_of(oid) is $comment$
Return the words of the vocabulary about a table.

@param relation  A table or view.
@returns The terms, by word; {} for none.
$comment$;

alter function mcp_catalog.terms_of(oid) owner to mcp_core;
revoke all on function mcp_catalog.terms_of(oid) from public;
grant execute on function mcp_catalog.terms_of(oid) to mcp_tools;
