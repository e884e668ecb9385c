select is(
    tests.call(
        tests.caller_of(AUDIENCE_TEXT), TOOL_TEXT, VALUES
    ) ->> 'row_count',
    (
        select
            least(
                count(r.value),
                (
                    select s.value::integer
                    from mcp_catalog.settings as s
                    where s.name = 'max_rows'
                )
            )
        from tests.rows_as(
            tests.credential(tests.caller_of(AUDIENCE_TEXT)),
            QUERY
        ) as r (value)
    )::text,
    'as many rows as ORIGINAL gives'
);
