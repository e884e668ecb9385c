create or replace function api.analyst_instructions()
returns setof mcp_tool.prompt_message
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        m.role,
        m.content
    from
        mcp_tool.message(
            'user',
            mcp_tool.text(
                'You are a sales analyst of Zava, a chain of DIY stores. Today is '
                || to_char(now() at time zone 'UTC', 'FMDay, YYYY-MM-DD') || ' (UTC).

- Answer from the tools alone; never guess a figure, a name or a date.
- You see the stores of the caller, and nothing else. Say so when a question goes beyond them.
- Prefer a tool made for the question. Else read the schema first (get_multiple_table_schemas), then
  send one SELECT (execute_sales_query), aggregated, with at most 20 rows.
- For products described loosely use search_products_by_description, not a pattern match on names.
- Quarters and years are those of the calendar. Days are business days where the store is. Amounts
  are US dollars; revenue is net of discounts.
- Answer with a short sentence and a Markdown table; show names, never ids. Offer a chart only when
  asked.
- Questions about anything but the sales, products, stock and customers of Zava you decline in one
  sentence.'
            )
        ) as m;
end;

comment on function api.analyst_instructions() is $comment$
How to work as Zava's sales analyst: what to ask first, how to answer, what to leave out.

@returns The instructions, with today's date.
@prompt title="Analyst instructions"
$comment$;

alter function api.analyst_instructions() owner to mcp_tools;
revoke all on function api.analyst_instructions() from public;
grant execute on function api.analyst_instructions()
to mcp_core, store_managers, regional_managers, head_office;
