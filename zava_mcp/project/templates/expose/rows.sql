select is(
    tests.call(
        tests.caller_of(AUDIENCE_TEXT), TOOL_TEXT, VALUES
    ) -> 'rows',
    (
        select coalesce(jsonb_agg(r.value), '[]')
        from tests.rows_as(
            tests.credential(tests.caller_of(AUDIENCE_TEXT)),
            QUERY
        ) as r (value)
    ),
    'the first rows of ORIGINAL, those that the caller may see'
);
