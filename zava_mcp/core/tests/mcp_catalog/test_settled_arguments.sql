-- mcp_catalog.settled_arguments, whole_numbers and misfit_hint: what clients send that fill in
-- every field, write integers as 5.0 or put numbers in quotes.
begin;
set local search_path = tests, ext, public;
select plan(41);

create type demo.test_part as (n integer, amount numeric, deeper bigint []);
create domain demo.test_parts as demo.test_part [];
create function demo_api.test_filled(
    needed text,
    number integer default 7,
    amount numeric default 1.5,
    word text default 'w',
    words text [] default '{a}',
    state demo.state default 'open',
    id uuid default null,
    note text default null,
    anything jsonb default '{"a": 1}',
    parts demo.test_parts default null,
    fixed char(5) default 'abcde',
    bytes bytea default null
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
return jsonb_build_array(
    test_filled.number, test_filled.amount, test_filled.word, test_filled.words, test_filled.state,
    test_filled.id, test_filled.note, test_filled.anything, test_filled.parts, test_filled.fixed
);
select tests.offer(
    'demo_api.test_filled(text, integer, numeric, text, text[], demo.state, uuid, text, jsonb, '
    'demo.test_parts, character, bytea)',
    E'Filled.\n\n' || (
        select string_agg(format('@param %s  X.', n), E'\n')
        from unnest(array[
            'needed',
            'number',
            'amount',
            'word',
            'words',
            'state',
            'id',
            'note',
            'anything',
            'parts',
            'fixed', 'bytes'
        ]) as n
    )
);
select mcp_catalog.refresh_catalog();
select tests.load_fixture();

create function pg_temp.called(arguments text)
returns text
language sql
return (
    tests.call('member_a', 'test_filled', '{"needed": "x"}'::jsonb || arguments::jsonb) -> 'value'
)::text;

-- left out, and what counts as left out
select is(pg_temp.called(a.arguments), a.answer, format('sent: %s', a.arguments))
from (
    values
    ('{}', '[7, 1.5, "w", ["a"], "open", null, null, {"a": 1}, null, "abcde"]'),
    (
        '{"number": null, "amount": null, "word": null, "words": null, "state": null, "id": null, '
        '"note": null, "anything": null, "parts": null, "fixed": null}',
        '[7, 1.5, "w", ["a"], "open", null, null, {"a": 1}, null, "abcde"]'
    ),
    (
        '{"number": "", "amount": "", "words": "", "state": "", "id": "", "parts": ""}',
        '[7, 1.5, "w", ["a"], "open", null, null, {"a": 1}, null, "abcde"]'
    ),
    -- an empty text is a text
    (
        '{"word": "", "note": "", "anything": ""}',
        '[7, 1.5, "", ["a"], "open", null, "", "", null, "abcde"]'
    ),
    -- integers
    ('{"number": 5.0}', '[5, 1.5, "w", ["a"], "open", null, null, {"a": 1}, null, "abcde"]'),
    ('{"number": -5.000}', '[-5, 1.5, "w", ["a"], "open", null, null, {"a": 1}, null, "abcde"]'),
    ('{"number": 5e1}', '[50, 1.5, "w", ["a"], "open", null, null, {"a": 1}, null, "abcde"]'),
    -- of a numeric, and within JSON, every digit stays
    (
        '{"amount": 12345678901234567.890, "anything": {"x": 5.0}}',
        '[7, 12345678901234567.890, "w", ["a"], "open", null, null, {"x": 5.0}, null, "abcde"]'
    ),
    (
        '{"parts": [{"n": 5.0, "amount": 5.0, "deeper": [1.0, 2]}, null]}',
        '[7, 1.5, "w", ["a"], "open", null, null, {"a": 1}, '
        '[{"n": 5, "amount": 5.0, "deeper": [1, 2]}, null], "abcde"]'
    ),
    -- a type whose name alone has another length
    ('{"fixed": "hello"}', '[7, 1.5, "w", ["a"], "open", null, null, {"a": 1}, null, "hello"]')
) as a (arguments, answer);
select
    is(
        tests.refusal('member_a', 'test_filled', '{"needed": "x"}'::jsonb || a.arguments::jsonb)
        - 'code' - 'constraint',
        jsonb_build_object('column', a.field, 'message', a.message, 'hint', a.hint),
        format('refused: %s', a.arguments)
    )
from (
    values
    (
        '{"needed": null}', 'needed', 'needed must be text', ''
    ),
    (
        '{"number": 5.5}', 'number', 'number must be an integer from -2147483648 to 2147483647',
        '5.5 has a fraction: send a whole number.'
    ),
    (
        '{"number": "5"}', 'number', 'number must be an integer from -2147483648 to 2147483647',
        'Send 5 without quotes.'
    ),
    (
        '{"amount": "12345678901234567.89"}', 'amount', 'amount must be a number',
        'Send 12345678901234567.89 without quotes.'
    ),
    (
        '{"words": "a"}', 'words', 'words must be an array of text',
        'Send the array itself, not a text that holds it.'
    ),
    (
        '{"parts": [{"n": "5"}]}', 'parts[0].n',
        'parts[0].n must be an integer from -2147483648 to 2147483647', 'Send 5 without quotes.'
    ),
    (
        '{"state": "opne"}', 'state', 'state must be one of open, done', ''
    ),
    (
        '{"bytes": "aGVsbG8="}', 'bytes',
        'bytes must be bytes in hexadecimal after \x, as in \x00ff', ''
    )
) as a (arguments, field, message, hint);

-- whole_numbers
select
    is(
        mcp_catalog.whole_numbers(w.value::jsonb, w.type::regtype)::text,
        w.expected,
        format('whole_numbers: %s as %s', w.value, w.type)
    )
from (
    values
    ('5.0', 'integer', '5'),
    ('5.0', 'demo.result_limit', '5'),
    ('5.5', 'integer', '5.5'),
    ('5.0', 'numeric', '5.0'),
    ('5.0', 'double precision', '5.0'),
    ('"5.0"', 'integer', '"5.0"'),
    ('[1.0, [2.0]]', 'integer[]', '[1, [2.0]]'),
    ('[]', 'integer[]', '[]'),
    ('{"n": 1.0, "x": 1.0}', 'demo.test_part', '{"n": 1, "x": 1.0}'),
    ('{}', 'demo.test_part', '{}')
) as w (value, type, expected);

-- misfit_hint
select
    is(
        mcp_catalog.misfit_hint(h.value::jsonb, h.json_type),
        h.hint,
        format('misfit_hint: %s for %s', h.value, coalesce(h.json_type, 'anything'))
    )
from (
    values
    ('1', 'integer', null),
    ('1.5', 'integer', '1.5 has a fraction: send a whole number.'),
    ('"1"', 'number', 'Send 1 without quotes.'),
    ('"one"', 'number', null),
    ('"true"', 'boolean', 'Send true without quotes.'),
    ('"yes"', 'boolean', null),
    ('5', 'string', 'Send 5 in quotes.'),
    ('{}', 'array', 'Send an array, also of one.'),
    ('"{}"', 'object', 'Send the object itself, not a text that holds it.'),
    ('null', 'array', null),
    ('5', null, null)
) as h (value, json_type, hint);

-- what people confirm: a call that leaves the choice open does not choose
select is(
    mcp_catalog.settled_arguments('{}', '{"a": null}'),
    '{"a": null}',
    'what is no argument stays, to be refused'
);
select is(
    mcp_catalog.settled_arguments('{}', '[]'), '[]', 'anything but an object is ignored'
);

select finish();
rollback;
