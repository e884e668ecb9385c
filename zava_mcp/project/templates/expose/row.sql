select is(
    tests.call(
        tests.caller_of(AUDIENCE_TEXT), TOOL_TEXT, VALUES
    ),
    (
        select r.value
        from tests.rows_as(
            tests.credential(tests.caller_of(AUDIENCE_TEXT)),
            QUERY
        ) as r (value)
    ),
    'what ORIGINAL gives'
);
