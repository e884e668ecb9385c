create or replace function mcp_catalog.fitting_rows(rows jsonb, beside jsonb default '{}')
returns integer
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- the rest is for keys, a cursor and the envelope of the message
    c_share constant numeric := 0.98;
    v_room bigint;
    v_fitting integer;
begin
    select s.value::bigint * c_share
    into v_room
    from mcp_catalog.settings as s
    where s.name = 'max_answer_bytes';
    if mcp_catalog.sent_bytes(fitting_rows.rows::text) <= v_room then
        return jsonb_array_length(fitting_rows.rows);
    end if;
    v_room := v_room - mcp_catalog.sent_bytes(fitting_rows.beside::text);
    select count(*)
    into v_fitting
    from (
        -- a comma and a blank, twice
        select sum(mcp_catalog.sent_bytes(r.value::text) + 4) over (order by r.position) as bytes
        from jsonb_array_elements(fitting_rows.rows) with ordinality as r (value, position)
    ) as s
    where s.bytes <= v_room;
    return v_fitting;
end
$$;

comment on function mcp_catalog.fitting_rows(jsonb, jsonb) is $comment$
Return how many of the first rows fit into max_answer_bytes.

@param rows    An array.
@param beside  What else the answer holds.
@returns A number of rows; 0 where the first one is too large.
$comment$;

alter function mcp_catalog.fitting_rows(jsonb, jsonb) owner to mcp_core;
revoke all on function mcp_catalog.fitting_rows(jsonb, jsonb) from public;
