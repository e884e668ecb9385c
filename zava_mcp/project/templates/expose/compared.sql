select isnt(
    tests.call(
        tests.caller_of(AUDIENCE_TEXT), TOOL_TEXT, VALUES
    ) ->> 'row_count',
    '0',
    'it compares rows: if this fails, load some, and give the caller of the fixture their scope'
);
