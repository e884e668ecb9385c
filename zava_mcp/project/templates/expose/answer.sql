select isnt(
    tests.call(
        tests.caller_of(AUDIENCE_TEXT), TOOL_TEXT, VALUES
    ),
    null,
    'it answers'
);
